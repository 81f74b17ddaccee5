// The text form of a hash: $argon2id$v=19$m=19456,t=2,p=1$SALT$TAG.
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "server/secrets/argon2.h"
#include "server/secrets/phc_fields.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kArgon2id = "argon2id";
constexpr absl::string_view kArgon2i = "argon2i";

bool ParseParameters(absl::string_view text, Argon2Parameters& out) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  return parts.size() == 3 && ParsePhcNumber(parts[0], "m", out.memory_kib) &&
         ParsePhcNumber(parts[1], "t", out.passes) &&
         ParsePhcNumber(parts[2], "p", out.parallelism);
}

}  // namespace

std::string FormatPhc(const PhcHash& hash) {
  return absl::StrCat("$", hash.variant == Argon2Variant::kId ? kArgon2id : kArgon2i,
                      "$v=19$m=", hash.parameters.memory_kib, ",t=", hash.parameters.passes,
                      ",p=", hash.parameters.parallelism, "$", EncodePhcBytes(hash.salt), "$",
                      EncodePhcBytes(hash.tag));
}

absl::StatusOr<PhcHash> ParsePhc(absl::string_view text) {
  PhcHash hash;
  if (text.size() <= kLongestPhc) {
    const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
    if (parts.size() == 6 && parts[0].empty() && (parts[1] == kArgon2id || parts[1] == kArgon2i) &&
        parts[2] == "v=19" && ParseParameters(parts[3], hash.parameters) &&
        DecodePhcSalt(parts[4], hash.salt) && DecodePhcTag(parts[5], hash.tag)) {
      hash.variant = parts[1] == kArgon2id ? Argon2Variant::kId : Argon2Variant::kI;
      return hash;
    }
  }
  return absl::InvalidArgumentError("not an Argon2 hash in PHC form");
}

}  // namespace gatehouse::server
