// Writing to the revocation log, and making what was written known before the answer
// (design/revocation.md). Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_REVOCATIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_REVOCATIONS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "gatehouse/v1/revocation.pb.h"
#include "policy/policy.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "storage/account_store.h"
#include "storage/records.h"

namespace gatehouse::server {

// The last instant at which a session issued by `now` could live.
absl::Time LastInstantOfSessions(const policy::Policy& policy, absl::Time now);

// To be called after the commit: waits until no server can accept what the row revoked, then tidies
// the session store, which may fail without harm. UNAVAILABLE / REVOCATION_NOT_PROVEN if the wait
// could not be completed: the revocation stands, and the same request again gets its proof.
absl::StatusOr<v1::Revocation> MakeKnown(const Dependencies& dependencies, const CallContext& call,
                                         const storage::RevocationRecord& revocation);

// The same wait, for everything that was committed by now.
absl::Status MakeAllKnown(const Dependencies& dependencies, const CallContext& call);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_REVOCATIONS_H_
