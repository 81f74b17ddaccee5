// Refusals of what nobody has to be signed in for, that changed nothing, told in bounded room: of
// alike ones in quick succession the first is an audit event, and the others are counted beside the
// log, however many they are. What was counted is told by the next event and by the account's
// timeline. Wrong passwords and codes, which count towards a limit, are events one by one.
// Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_REFUSAL_RUNS_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_REFUSAL_RUNS_H_

#include "absl/status/status.h"

#include "policy/policy.h"
#include "storage/account_store.h"

namespace gatehouse::server {

// Of such an audit event: why it was refused, where it came from, that it locked the
// account, and how many alike since the last such event were only counted.
inline constexpr char kRefusalCause[] = "cause";
inline constexpr char kRefusalSource[] = "source";
inline constexpr char kRefusalLocked[] = "locked";
inline constexpr char kRefusalFurther[] = "further";
// The cause that counts towards the lock.
inline constexpr char kWrongPassword[] = "wrong password";
// Nothing was compared, since too much that was wrong came from there.
inline constexpr char kHeldUp[] = "too many attempts from this address";

// Writes the event, or counts it where one of the same action and cause was written for the same
// account less than the policy's source_window ago. All names that nobody has are one account here.
absl::Status AuditRefusal(storage::Transaction& transaction, const policy::Policy& policy,
                          storage::AuditRecord audit);

// Counts it alone, from anew where the last of its run is as long ago: for refusals of which one
// caller could have the first for every account there is.
absl::Status CountRefusal(storage::Transaction& transaction, const policy::Policy& policy,
                          const storage::AuditRecord& audit);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_REFUSAL_RUNS_H_
