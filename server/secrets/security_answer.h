// Answers to security questions, the old way to recognise a caller: their normal form, and how they
// are kept. Pure functions, thread-safe.
//
// An answer is sealed rather than hashed: it has to follow a change of keys without its owner, and
// an import brings hundreds of thousands, which no slow hash would let in within the hour.
#ifndef GATEHOUSE_SERVER_SECRETS_SECURITY_ANSWER_H_
#define GATEHOUSE_SERVER_SECRETS_SECURITY_ANSWER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/runtime/entropy.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

// The letters and digits, without case: "St. Mary's" and "st marys" are one answer. What has none
// of them is no answer, and empty.
SecretString NormalizeSecurityAnswer(const SecretString& answer);

// Sealed to the account and the number of the question, from 1.
KeyRing::Sealed SealSecurityAnswer(const KeyRing& keys, Entropy& entropy,
                                   absl::string_view account_id, int number,
                                   const SecretString& normalized);
// DATA_LOSS for an unknown key, altered bytes or another place alike.
absl::StatusOr<SecretString> OpenSecurityAnswer(const KeyRing& keys, absl::string_view account_id,
                                                int number, const KeyRing::Sealed& sealed);

// What it is bound to: for the change of keys.
std::string PlaceOfSecurityAnswer(absl::string_view account_id, int64_t number);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_SECURITY_ANSWER_H_
