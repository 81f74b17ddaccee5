// How an account stands with regard to recognising its caller (product/domain.md, section 5),
// judged on read: verifications that nobody answered in time count as failures from the instant at
// which they expired, whether or not anything has been written since. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_FACTS_RECOGNITION_H_
#define GATEHOUSE_SERVER_OPERATIONS_FACTS_RECOGNITION_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "policy/policy.h"
#include "storage/account_store.h"
#include "storage/records.h"

namespace gatehouse::server {

// At `now`, by the account's present secret.
absl::StatusOr<storage::RecognitionRecord> RecognitionAt(storage::Transaction& transaction,
                                                         const storage::AccountRecord& account,
                                                         const policy::Policy& policy,
                                                         absl::Time now);

// The same where what is stored of it has been read already: NOT_FOUND where nothing is.
absl::StatusOr<storage::RecognitionRecord> RecognitionAt(
    storage::Transaction& transaction, const storage::AccountRecord& account,
    const policy::Policy& policy, absl::Time now,
    absl::StatusOr<storage::RecognitionRecord> stored);

// One more failure, at `at`: perhaps the one that closes verification.
void CountFailure(storage::RecognitionRecord& standing, const policy::Policy& policy,
                  absl::Time at);
// A success: what was asked is not asked again.
void CountSuccess(storage::RecognitionRecord& standing);

// Writes what RecognitionAt judged at `now`, so that what it counted is counted once.
absl::Status SaveRecognition(storage::Transaction& transaction,
                             const storage::RecognitionRecord& standing, absl::Time now);

// Ends, at `now`, what agents have begun about an account that is about to change so that none of
// it could be answered: what has expired by then counts, and nothing else of it ever will.
absl::Status EndUnanswered(storage::Transaction& transaction, const storage::AccountRecord& account,
                           const policy::Policy& policy, absl::Time now);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_FACTS_RECOGNITION_H_
