// What there is to know about a candidate password, as facts for a policy that decides; and the
// passwords we generate ourselves. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_PASSWORD_STRENGTH_H_
#define GATEHOUSE_SERVER_SECRETS_PASSWORD_STRENGTH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "server/runtime/entropy.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

// The form in which passwords are judged and hashed: NFKC. INVALID_ARGUMENT for what is not UTF-8
// or holds control characters.
absl::StatusOr<SecretString> NormalizePassword(const SecretString& password);

struct PasswordFacts {
  int length = 0;  // code points of the normal form
  bool contains_name = false;
  // All of it is one thing that guessers try first: an entry of zxcvbn's lists, a keyboard walk, a
  // sequence or a repetition.
  bool common = false;
  // log10 of the guesses an informed attacker needs (zxcvbn), by the first 128 bytes.
  double guesses_log10 = 0;
};

// `normalized` as NormalizePassword gives it. `names` are the person's names and user name; those
// shorter than `shortest_name` code points are not looked for, as nearly every word holds "li".
// Contained means: after NFKC, case folding and removal of everything but letters and digits.
PasswordFacts ExaminePassword(const SecretString& normalized,
                              absl::Span<const absl::string_view> names, int shortest_name);

// A password to be read out over a telephone: words and a number, as sable-orbit-kettle-58. Uniform
// over more than 2^40 of them: with 13 tries and 72 hours to live, a guess succeeds with a
// probability below 2^-36.
SecretString GenerateTemporaryPassword(Entropy& entropy);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_PASSWORD_STRENGTH_H_
