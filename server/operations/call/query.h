// The way of one read: the actor is established, then everything is read and judged on one current
// snapshot. Runs on the calling thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_QUERY_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_QUERY_H_

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "policy/policy.h"
#include "server/operations/call/scope.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"

namespace gatehouse::server {

// Runs `body` with the actor's scope. Errors as Mutation's.
absl::Status RunQuery(const Dependencies& dependencies, const CallContext& call,
                      const policy::Policy& policy, policy::Action::Value action,
                      absl::FunctionRef<absl::Status(Scope&)> body);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_QUERY_H_
