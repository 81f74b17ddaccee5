#include "server/secrets/phc_fields.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "sodium.h"

namespace gatehouse::server {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
constexpr size_t kShortestSalt = 8;
constexpr size_t kShortestTag = 16;
constexpr size_t kLongestPart = 64;

bool Decode(absl::string_view text, size_t shortest, std::vector<uint8_t>& out) {
  out.resize(kLongestPart);
  size_t size = 0;
  if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, nullptr,
                        kVariant) != 0 ||
      size < shortest) {
    return false;
  }
  out.resize(size);
  return true;
}

}  // namespace

bool ParsePhcNumber(absl::string_view text, absl::string_view name, uint32_t& out) {
  return absl::ConsumePrefix(&text, name) && absl::ConsumePrefix(&text, "=") &&
         absl::SimpleAtoi(text, &out) && absl::StrCat(out) == text;
}

bool DecodePhcSalt(absl::string_view text, std::vector<uint8_t>& out) {
  return Decode(text, kShortestSalt, out);
}

bool DecodePhcTag(absl::string_view text, std::vector<uint8_t>& out) {
  return Decode(text, kShortestTag, out);
}

std::string EncodePhcBytes(absl::Span<const uint8_t> bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

}  // namespace gatehouse::server
