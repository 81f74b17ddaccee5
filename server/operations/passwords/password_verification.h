// Is this the password? The one place where anything that a person typed is compared with a stored
// password, whatever method it came by (product/domain.md, section 7).
//
// An attempt is reserved in SQL before it is hashed and settled after, so that any number of
// parallel guesses, on any number of servers, gets no more evaluations than the policy's
// lock_after_failures: whoever comes beyond them waits for the earlier ones to settle, and one that
// nobody settled within attempt_timeout has failed. A locked account, an unknown name and an
// account without a password cost the same hash and are told apart by no answer. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_PASSWORD_VERIFICATION_H_
#define GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_PASSWORD_VERIFICATION_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "policy/facts.h"
#include "policy/policy.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/secrets/secret_string.h"
#include "storage/account_store.h"
#include "storage/records.h"

namespace gatehouse::server {

// Whose password it might be.
struct PasswordSubject {
  // Reads the account; NOT_FOUND for a name that nobody has.
  absl::FunctionRef<absl::StatusOr<storage::AccountRecord>(storage::Transaction&)> find;
  // Stands for the name in the books while nobody has it: a keyed hash.
  std::string unknown_name;
  // Where the guess comes from, as the calling service told, now or at the sign-in; empty: not
  // told.
  std::string source{};
};

struct PasswordVerification {
  // As read when the attempt was reserved; nullopt: an unknown name.
  std::optional<storage::AccountRecord> account;
  int64_t position = 0;  // of the revocation log then
  // The account was locked already: nothing was compared.
  bool locked = false;
  bool right = false;
  // The same password under the cost that the policy asks for today; empty if it is that already,
  // or what was typed need not be all of it.
  std::string rehashed;

  std::string subject;  // in the books
  std::string reservation_id;
  absl::Time reserved_at;
  std::string source;
};

// Reserves, and hashes. The result must be settled. RESOURCE_EXHAUSTED / HASHING_BUSY or
// TOO_MANY_ATTEMPTS (too many wrong ones from one source), DEADLINE_EXCEEDED, UNAVAILABLE.
absl::StatusOr<PasswordVerification> VerifyPassword(const Dependencies& dependencies,
                                                    const CallContext& call,
                                                    const policy::Policy& policy,
                                                    const PasswordSubject& subject,
                                                    const SecretString& password);

enum class Settlement {
  kCounted,
  kLocked,   // it was the one too many
  kTooLate,  // it has failed already, whatever it was
};

// Writes what came of it, at `now`. A right one clears the count; a wrong one adds to it, notes its
// source and, when it is the one too many, locks `account` (the row as it is in this transaction,
// stored here). One whose reservation an unlock has forgotten meanwhile counts like any other. Once
// that is committed, `password_settled` has to be rung.
absl::StatusOr<Settlement> SettlePassword(storage::Transaction& transaction,
                                          const policy::Policy& policy,
                                          const PasswordVerification& verification, absl::Time now,
                                          storage::AccountRecord* account);

// The password that a signed-in person enters again, verified and settled.
struct OwnPassword {
  bool right = false;
  int64_t version = 0;  // of the password that it was compared with

  // Right it still is only while the account has the same password.
  void SetFacts(policy::Facts& facts, const storage::AccountRecord& account) const;
};
// A wrong one that locks the account is on the log with the lock, whatever the call comes to.
// Nothing is compared, nor counted, for an actor whose session has ended since Begin, which is
// UNAUTHENTICATED / SESSION_INVALID, nor where a duplicate of the call has been answered since
// then, whose answer the commit will find.
absl::StatusOr<OwnPassword> VerifyOwnPassword(const Dependencies& dependencies,
                                              const CallContext& call, const MutationCore& mutation,
                                              policy::Action::Value action,
                                              const SecretString& password);

// Forgets all wrong passwords of an account, and makes room at once: attempts still being compared
// need no place any more.
absl::Status ClearPasswordAttempts(storage::Transaction& transaction,
                                   const storage::AccountId& account_id, absl::Time now);

// RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS where too many guesses came from `source` of late; an
// empty one is not known.
absl::Status CheckSource(storage::Transaction& transaction, const policy::Policy& policy,
                         const std::string& source, absl::Time now);

// The source by which guesses are counted: the address, of IPv6 its /64.
std::string SourceOf(const std::string& ip_address);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_PASSWORD_VERIFICATION_H_
