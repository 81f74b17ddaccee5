#include "server/secrets/codes.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kPrintedAlphabet = "23456789abcdefghjkmnpqrstuvwxyz";
constexpr int kGroups = 3;
constexpr int kGroupSize = 4;

// Wiped, since it ends with the code.
class Message {
 public:
  Message(absl::string_view place, const SecretString& code)
      : text_(absl::StrCat(place, "\n", code.Reveal())) {}
  ~Message() { WipeString(text_); }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  absl::string_view text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

SecretString DrawDigits(Entropy& entropy, int64_t count) {
  std::string digits;
  for (int64_t i = 0; i < count; ++i) digits += static_cast<char>('0' + entropy.Below(10));
  return SecretString::TakeFrom(digits);
}

SecretString DrawPrintedCode(Entropy& entropy) {
  std::string code;
  for (int i = 0; i < kGroups * kGroupSize; ++i) {
    if (i > 0 && i % kGroupSize == 0) code += '-';
    code += kPrintedAlphabet[entropy.Below(kPrintedAlphabet.size())];
  }
  return SecretString::TakeFrom(code);
}

SecretString NormalizeCode(absl::string_view typed) {
  std::string code;
  code.reserve(typed.size());
  for (const char c : typed) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      code += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }
  return SecretString::TakeFrom(code);
}

KeyRing::Tag HashCode(const KeyRing& keys, absl::string_view place,
                      const SecretString& normalized) {
  return keys.Mac(KeyPurpose::kCode, Message(place, normalized).text());
}

bool IsHashOfCode(const KeyRing& keys, absl::string_view place, const SecretString& normalized,
                  const KeyRing::Tag& hash) {
  return keys.VerifyMac(KeyPurpose::kCode, Message(place, normalized).text(), hash);
}

std::string PlaceOfCodeOnItsWay(absl::string_view message_id) {
  return absl::StrCat("code\n", message_id);
}

std::string WriteCodeHash(const KeyRing::Tag& hash) {
  return absl::StrCat(hash.key_id, ".", absl::WebSafeBase64Escape(hash.bytes));
}

KeyRing::Tag ReadCodeHash(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('.', 1));
  KeyRing::Tag hash{.key_id = std::string(parts.first), .bytes = {}};
  if (!absl::WebSafeBase64Unescape(parts.second, &hash.bytes)) return {};
  return hash;
}

}  // namespace gatehouse::server
