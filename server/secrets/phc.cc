// The text form of a hash: $argon2id$v=19$m=19456,t=2,p=1$SALT$TAG.
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "sodium.h"

#include "server/secrets/argon2.h"

namespace gatehouse::server {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
constexpr size_t kLongestText = 256;
constexpr size_t kShortestSalt = 8;
constexpr size_t kShortestTag = 16;
constexpr size_t kLongestPart = 64;  // bytes of salt or tag

std::string EncodePart(absl::Span<const uint8_t> bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the terminating NUL
  return text;
}

bool DecodePart(absl::string_view text, size_t shortest, std::vector<uint8_t>& out) {
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

// `NAME=DECIMAL`, the number as StrCat writes it: no sign, no leading zero.
bool ParseNumber(absl::string_view text, absl::string_view name, uint32_t& out) {
  return absl::ConsumePrefix(&text, name) && absl::ConsumePrefix(&text, "=") &&
         absl::SimpleAtoi(text, &out) && absl::StrCat(out) == text;
}

bool ParseParameters(absl::string_view text, Argon2Parameters& out) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  return parts.size() == 3 && ParseNumber(parts[0], "m", out.memory_kib) &&
         ParseNumber(parts[1], "t", out.passes) && ParseNumber(parts[2], "p", out.parallelism);
}

}  // namespace

std::string FormatPhc(const PhcHash& hash) {
  return absl::StrCat("$argon2id$v=19$m=", hash.parameters.memory_kib,
                      ",t=", hash.parameters.passes, ",p=", hash.parameters.parallelism, "$",
                      EncodePart(hash.salt), "$", EncodePart(hash.tag));
}

absl::StatusOr<PhcHash> ParsePhc(absl::string_view text) {
  PhcHash hash;
  if (text.size() <= kLongestText) {
    const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
    if (parts.size() == 6 && parts[0].empty() && parts[1] == "argon2id" && parts[2] == "v=19" &&
        ParseParameters(parts[3], hash.parameters) &&
        DecodePart(parts[4], kShortestSalt, hash.salt) &&
        DecodePart(parts[5], kShortestTag, hash.tag)) {
      return hash;
    }
  }
  return absl::InvalidArgumentError("not an Argon2id hash in PHC form");
}

}  // namespace gatehouse::server
