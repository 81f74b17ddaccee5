// The account secret: a word of letters that helpdesks recognise a caller by. Here are its normal
// form, the facts a policy judges (never the judgement), and its two forms at rest: sealed, so that
// single letters can be read back, and as slow keyed hashes for the history of former ones. Pure
// functions, and a thread-safe class whose collaborators must outlive it.
#ifndef GATEHOUSE_SERVER_SECRETS_ACCOUNT_SECRET_H_
#define GATEHOUSE_SERVER_SECRETS_ACCOUNT_SECRET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "server/runtime/entropy.h"
#include "server/secrets/argon2.h"
#include "server/secrets/hash_gate.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/password_hasher.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

// Letters a to z become A to Z; everything else stays as it is.
SecretString NormalizeAccountSecret(const SecretString& secret);

// Names that a secret may not be, as their owners write them.
struct SecretNames {
  absl::string_view given_name = {};
  absl::string_view family_name = {};
  absl::string_view display_name = {};
  absl::string_view organisation_name = {};
};

struct AccountSecretFacts {
  int length = 0;  // in code points
  bool only_letters = false;
  bool is_person_name = false;  // given, family, display, or given and family together
  bool is_organisation_name = false;
};

// Names are compared by their letters alone, without case and accents ("Zoë O'Neil" is ZOEONEIL).
AccountSecretFacts ExamineAccountSecret(const SecretString& secret, const SecretNames& names);

// What a sealed secret is bound to: for the change of keys.
std::string PlaceOfAccountSecret(absl::string_view account_id, int64_t secret_version);

class AccountSecretVault {
 public:
  // `history_cost` is what one entry of the history costs to compute.
  AccountSecretVault(const KeyRing& keys, const PasswordHasher& hasher, Entropy& entropy,
                     Argon2Parameters history_cost = {.memory_kib = 8192, .passes = 2});

  // Sealed to the account and the version of its secret: moved to another row it does not open.
  KeyRing::Sealed Seal(absl::string_view account_id, int64_t secret_version,
                       const SecretString& normalized) const;
  absl::StatusOr<SecretString> Open(absl::string_view account_id, int64_t secret_version,
                                    const KeyRing::Sealed& sealed) const;

  // What the history keeps of a secret: a slow hash under a key of the ring, as one line of text.
  absl::StatusOr<std::string> MakeHistoryEntry(HashPermit& permit, absl::string_view account_id,
                                               const SecretString& normalized) const;

  // Whether `normalized` is one of `entries`. Always computes all of them. DATA_LOSS for an entry
  // that cannot be read or whose key is gone: unknown is not "no".
  absl::StatusOr<bool> IsInHistory(HashPermit& permit, absl::string_view account_id,
                                   const SecretString& normalized,
                                   absl::Span<const std::string> entries) const;

 private:
  const KeyRing& keys_;
  const PasswordHasher& hasher_;
  Entropy& entropy_;
  const Argon2Parameters history_cost_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_ACCOUNT_SECRET_H_
