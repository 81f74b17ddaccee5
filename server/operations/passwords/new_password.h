// A password that is about to become somebody's: what the policy has to know of it, and its hash.
// Worked out before the transaction, from the account as it was then; Install refuses when the
// account's password has changed since. Thread-safe.
//
// Whether it is a former password is told at once only to the owner, who has proven to know the
// present one. Whoever else gives one guesses at what the person may use elsewhere: they are told
// last, when nothing else stands against the act, so that each wrong guess has its full effect.
#ifndef GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_NEW_PASSWORD_H_
#define GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_NEW_PASSWORD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "policy/facts.h"
#include "policy/policy.h"
#include "server/operations/call/scope.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/runtime/entropy.h"
#include "server/secrets/hash_gate.h"
#include "server/secrets/known/known_passwords.h"
#include "server/secrets/password_strength.h"
#include "server/secrets/secret_string.h"
#include "storage/account_store.h"
#include "storage/records.h"

namespace gatehouse::server {

// Whether the policy hears that it is a former password.
enum class Reuse { kTold, kWithheld };

class NewPassword {
 public:
  // A password that a person chose. INVALID_ARGUMENT / FIELDS_INVALID names `field` where it is no
  // text.
  static absl::StatusOr<NewPassword> Chosen(const Dependencies& dependencies, HashPermit& permit,
                                            const policy::Policy& policy,
                                            const storage::AccountRecord& account,
                                            const std::vector<std::string>& former,
                                            absl::string_view field, const SecretString& password);
  // A temporary one that we make up, for whom it is to be. Errors as DrawPassword.
  static absl::StatusOr<NewPassword> Generated(const Dependencies& dependencies, HashPermit& permit,
                                               const policy::Policy& policy,
                                               const storage::ProfileRecord& profile,
                                               absl::string_view username);

  // password.*: a generated one was judged when it was drawn. While it is withheld, no former one
  // is alike.
  void SetFacts(policy::Facts& facts, Reuse reuse) const;

  // The last question where reuse was withheld, once `facts` were decided to allow the act on
  // `account` and all else that could refuse it is behind. ABORTED / CONFLICT as Install.
  absl::Status DecideReuse(Scope& scope, policy::Facts& facts,
                           const storage::AccountRecord& account) const;

  // Makes it the account's. ABORTED / CONFLICT when it was judged by another password than the
  // account has now.
  absl::Status Install(Scope& scope, storage::AccountRecord& account) const;

  // The generated password, to be told once; empty for a chosen one.
  const SecretString& told_once() const { return told_once_; }

 private:
  struct Judgement {
    PasswordFacts facts;
    bool reused = false;
    int64_t password_version = 0;  // of the account it was judged by
  };

  NewPassword() = default;

  // ABORTED / CONFLICT when it was judged by another password than the account has now.
  absl::Status CheckCurrent(const storage::AccountRecord& account) const;

  std::string phc_;
  SecretString told_once_;
  std::optional<Judgement> judgement_;  // nullopt: generated
};

// A password against which the policy's rules about passwords say nothing, for whoever has this
// profile and username: what they speak against is drawn again. What they say, as a refusal, when
// that does not help.
absl::StatusOr<SecretString> DrawPassword(Entropy& entropy, const KnownPasswords& known,
                                          const policy::Policy& policy,
                                          const storage::ProfileRecord& profile,
                                          absl::string_view username);

// What a chosen password is compared with: the present one, and as many former ones as the policy
// says in all. A dry run compares with none: it would answer guesses at them, and leave no trace.
enum class Comparison { kFormerPasswords, kNone };

// Reads the account and judges `password`, from the request's `field`, for it. Blocks for a turn at
// the hash gate.
absl::StatusOr<NewPassword> JudgePassword(const Dependencies& dependencies, const CallContext& call,
                                          const policy::Policy& policy,
                                          const storage::AccountId& id, Comparison comparison,
                                          absl::string_view field, const SecretString& password);

// password.*, also where none comes with the request.
void SetPasswordFacts(policy::Facts& facts, const std::optional<NewPassword>& password,
                      Reuse reuse);

// Takes the account's password away: it becomes a former one at once, and none takes its place.
absl::Status RetirePassword(Scope& scope, storage::AccountRecord& account);

// What makes a password temporary: it dies unless it is used in time, and may have to be changed.
void MakeTemporary(storage::AccountRecord& account, const policy::Policy& policy, absl::Time now,
                   bool must_change);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_NEW_PASSWORD_H_
