// One verification of a caller: what the caller has to know, whose verification it is, and the
// grant that comes of it (product/domain.md, section 5).
//
// A verification belongs to the agent who began it and to the account as it was then: another
// secret, another organisation or a new epoch (a resecure, a reset, a transfer) end it, and so does
// the emergency stop, with no word written about it. Whatever is wrong with one is told in one way.
// Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_SECRET_VERIFICATION_H_
#define GATEHOUSE_SERVER_OPERATIONS_SECRET_VERIFICATION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/operations/call/mutation_scope.h"
#include "server/operations/dependencies.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/secret_string.h"
#include "storage/identifiers.h"
#include "storage/recognition_record.h"
#include "storage/records.h"

namespace gatehouse::server {

// What a caller is recognised by: the account's secret, or its security questions. Of what could be
// asked, only that which is asked is ever opened. What was altered in the database, moved there
// from another account, or whose key is gone is refused, and never used.
class CallerKnowledge {
 public:
  static absl::StatusOr<CallerKnowledge> Read(const Dependencies& dependencies,
                                              MutationScope& scope,
                                              const storage::AccountRecord& account);

  bool by_question() const { return !questions_.empty(); }
  // Whether this is what a caller can be asked for: places in the secret, or one question's number.
  bool CanBeAsked(const std::vector<int>& asked) const;
  // As it is put; empty where letters are asked for. Of what can be asked.
  std::string QuestionOf(const std::vector<int>& asked) const;

  // Reads back what can be asked, for comparisons with it.
  absl::Status Open(MutationScope& scope, const std::vector<int>& asked);
  // Of what is open; each takes the same time whatever is wrong. `letters`: upper case, one for
  // each place.
  bool Matches(const std::vector<int>& places, const SecretString& letters) const;
  bool MatchesAnswer(const SecretString& normalized) const;

 private:
  CallerKnowledge(const KeyRing& keys, const storage::AccountId& account_id)
      : keys_(&keys), account_id_(account_id) {}

  const KeyRing* keys_;
  storage::AccountId account_id_;
  SecretString secret_;
  std::map<int, storage::SecurityQuestionRecord> questions_;  // by number
  SecretString answer_;                                       // to the one that is open
};

// FAILED_PRECONDITION / VERIFICATION_INVALID
absl::Status VerificationInvalid();

// The actor's own verification, in whatever state; refused as invalid otherwise.
absl::StatusOr<storage::VerificationRecord> FindOwnVerification(MutationScope& scope,
                                                                absl::string_view id);

// The detail of the audit event that tells that an answer counts, before it is compared.
inline constexpr absl::string_view kVerificationAttempt = "attempt";

// What the audit event tells of it: never a letter.
void TellVerification(MutationScope& scope, const storage::VerificationRecord& verification);

// Whether the account is as it was when the verification began, with no emergency stop since.
absl::StatusOr<bool> IsUnchanged(MutationScope& scope, const storage::AccountRecord& account,
                                 const storage::VerificationRecord& verification);

// Whether the actor recognised `target`'s caller by this verification and may still act on it: for
// a preview, which writes nothing.
absl::Status CheckGrant(MutationScope& scope, absl::string_view verification_id,
                        const storage::AccountRecord& target);
// The same, and uses it up.
absl::Status UseGrant(MutationScope& scope, absl::string_view verification_id,
                      const storage::AccountRecord& target);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_SECRET_VERIFICATION_H_
