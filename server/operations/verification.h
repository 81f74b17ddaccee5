// One verification of a caller: what the caller has to know, whose verification it is, and the
// grant that comes of it (product/domain.md, section 5).
//
// A verification belongs to the agent who began it and to the account as it was then: another
// secret, another organisation or a new epoch (a resecure, a reset, a transfer) end it with no word
// written about it. Whatever is wrong with one is told in one way. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_VERIFICATION_H_
#define GATEHOUSE_SERVER_OPERATIONS_VERIFICATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/operations/dependencies.h"
#include "server/operations/mutation.h"
#include "server/secrets/secret_string.h"
#include "storage/records.h"

namespace gatehouse::server {

// What a caller is recognised by, read back for one comparison.
class CallerKnowledge {
 public:
  // The account's secret, or its security questions. What was altered in the database, moved there
  // from another account, or whose key is gone is refused, and never used.
  static absl::StatusOr<CallerKnowledge> Read(const Dependencies& dependencies,
                                              MutationScope& scope,
                                              const storage::AccountRecord& account);

  bool by_question() const { return !questions_.empty(); }
  // Letters in the secret, or questions.
  int choices() const;
  // By its number.
  const std::string& question(int number) const;

  // Each takes the same time whatever is wrong with it. `letters`: upper case, one for each place.
  bool Matches(const std::vector<int>& places, absl::string_view letters) const;
  bool MatchesAnswer(int number, const SecretString& normalized) const;

 private:
  CallerKnowledge() = default;

  SecretString secret_;
  std::vector<std::string> questions_;
  std::vector<SecretString> answers_;
};

// FAILED_PRECONDITION / VERIFICATION_INVALID
absl::Status VerificationInvalid();

// The actor's own verification, in whatever state; refused as invalid otherwise.
absl::StatusOr<storage::VerificationRecord> FindOwnVerification(MutationScope& scope,
                                                                absl::string_view id);

// Whether the account is as it was when the verification began.
bool IsUnchanged(const storage::AccountRecord& account,
                 const storage::VerificationRecord& verification);

// Whether the actor recognised `target`'s caller by this verification and may still act on it: for
// a preview, which writes nothing.
absl::Status CheckGrant(MutationScope& scope, absl::string_view verification_id,
                        const storage::AccountRecord& target);
// The same, and uses it up.
absl::Status UseGrant(MutationScope& scope, absl::string_view verification_id,
                      const storage::AccountRecord& target);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_VERIFICATION_H_
