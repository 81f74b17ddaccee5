#include "server/secrets/security_answer.h"

#include "absl/strings/str_cat.h"

#include "server/secrets/padded_seal.h"
#include "server/secrets/unicode.h"

namespace gatehouse::server {

SecretString NormalizeSecurityAnswer(const SecretString& answer) {
  std::string comparable = ToComparable(answer.Reveal());
  return SecretString::TakeFrom(comparable);
}

KeyRing::Sealed SealSecurityAnswer(const KeyRing& keys, Entropy& entropy,
                                   absl::string_view account_id, int number,
                                   const SecretString& normalized) {
  return SealPadded(keys, entropy, PlaceOfSecurityAnswer(account_id, number), normalized);
}

absl::StatusOr<SecretString> OpenSecurityAnswer(const KeyRing& keys, absl::string_view account_id,
                                                int number, const KeyRing::Sealed& sealed) {
  return OpenPadded(keys, PlaceOfSecurityAnswer(account_id, number), sealed);
}

std::string PlaceOfSecurityAnswer(absl::string_view account_id, int64_t number) {
  return absl::StrCat("security-answer/", account_id, "/", number);
}

}  // namespace gatehouse::server
