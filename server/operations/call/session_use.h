// What a validation does beside judging: noting that the session is used, and reading what its
// record no longer tells truly. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_SESSION_USE_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_SESSION_USE_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "policy/policy.h"
#include "server/operations/dependencies.h"
#include "storage/session_store.h"

namespace gatehouse::server {

// In the session store about once a minute, and of a FULL session in SQL about once a day. Never
// blocks; what is lost is noted by the next use.
void NoteUse(const Dependencies& dependencies, const policy::Policy& policy,
             const storage::FoundSession& found, absl::Time now);

// Whether a use at `now` falls into a later interval (day, by UTC) than the last one on record.
bool IsUseDue(const policy::Policy& policy, absl::Time last, absl::Time now);

// Organisation and roles as they are now, for a session whose record is behind. Blocks.
absl::Status RefreshAuthorisation(const Dependencies& dependencies, storage::SessionRecord& record);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_SESSION_USE_H_
