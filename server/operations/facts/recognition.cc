#include "server/operations/facts/recognition.h"

#include <utility>
#include <vector>

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;
using storage::RecognitionRecord;

// As stored, if that is of the present secret; else a new beginning.
absl::StatusOr<RecognitionRecord> OfPresentSecret(const storage::AccountRecord& account,
                                                  absl::StatusOr<RecognitionRecord> stored) {
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  if (stored.ok() && stored->secret_version == account.secret.version) return stored;
  return RecognitionRecord{.account_id = account.id, .secret_version = account.secret.version};
}

// Counts what expired unanswered until `now`. What expires while verification is closed could not
// have been answered, and does not count: so however many were begun, one closure stands between
// every three failures.
absl::Status CountAbandoned(storage::Transaction& transaction,
                            const storage::AccountRecord& account, const policy::Policy& policy,
                            absl::Time now, RecognitionRecord& standing) {
  const int64_t to_close = policy.Int(Parameter::kVerificationFailures);
  while (standing.failures < policy.Int(Parameter::kVerificationFailuresInAll)) {
    const int64_t left = to_close - standing.failures % to_close;
    // It is open again from the instant itself on.
    const absl::Time open_since =
        standing.closed_until.value_or(absl::UnixEpoch()) - absl::Microseconds(1);
    GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<absl::Time> expired,
                               transaction.ListExpiries(account.id, account.secret.version,
                                                        open_since, now, static_cast<int>(left)));
    for (const absl::Time at : expired) CountFailure(standing, policy, at);
    if (static_cast<int64_t>(expired.size()) < left) break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RecognitionRecord> RecognitionAt(storage::Transaction& transaction,
                                                const storage::AccountRecord& account,
                                                const policy::Policy& policy, absl::Time now) {
  return RecognitionAt(transaction, account, policy, now, transaction.FindRecognition(account.id));
}

absl::StatusOr<RecognitionRecord> RecognitionAt(storage::Transaction& transaction,
                                                const storage::AccountRecord& account,
                                                const policy::Policy& policy, absl::Time now,
                                                absl::StatusOr<RecognitionRecord> stored) {
  GATEHOUSE_ASSIGN_OR_RETURN(RecognitionRecord standing,
                             OfPresentSecret(account, std::move(stored)));
  // Every verification begins with a standing that says what is asked.
  if (!standing.asked.empty() || standing.successes > 0) {
    GATEHOUSE_RETURN_IF_ERROR(CountAbandoned(transaction, account, policy, now, standing));
  }
  return standing;
}

void CountFailure(RecognitionRecord& standing, const policy::Policy& policy, absl::Time at) {
  ++standing.failures;
  if (standing.failures >= policy.Int(Parameter::kVerificationFailuresInAll)) {
    standing.closed_until.reset();  // no time opens it
  } else if (standing.failures % policy.Int(Parameter::kVerificationFailures) == 0) {
    standing.closed_until = at + policy.Duration(Parameter::kVerificationClosure);
  }
}

void CountSuccess(RecognitionRecord& standing) {
  standing.asked.clear();
  standing.failures = 0;
  standing.closed_until.reset();
  ++standing.successes;
}

absl::Status SaveRecognition(storage::Transaction& transaction, const RecognitionRecord& standing,
                             absl::Time now) {
  GATEHOUSE_RETURN_IF_ERROR(transaction.PutRecognition(standing));
  return transaction.AbandonVerifications(standing.account_id, now);
}

absl::Status EndUnanswered(storage::Transaction& transaction, const storage::AccountRecord& account,
                           const policy::Policy& policy, absl::Time now) {
  absl::StatusOr<RecognitionRecord> stored = transaction.FindRecognition(account.id);
  if (absl::IsNotFound(stored.status())) return absl::OkStatus();  // nothing was ever begun
  GATEHOUSE_ASSIGN_OR_RETURN(const RecognitionRecord standing,
                             RecognitionAt(transaction, account, policy, now, std::move(stored)));
  GATEHOUSE_RETURN_IF_ERROR(SaveRecognition(transaction, standing, now));
  return transaction.EndVerifications(account.id);
}

}  // namespace gatehouse::server
