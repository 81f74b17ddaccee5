// The call that asks for a code, whatever the proof is for: what such calls have in common.
// Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_SENDING_H_
#define GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_SENDING_H_

#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/methods/proofs.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

using FindProof = absl::FunctionRef<absl::StatusOr<OpenProof>(MutationScope&)>;

// Sends a code by the method that `request` names, unless its `fields` were found at fault. `find`:
// the proof that it is for.
template <typename Response, typename Request>
absl::StatusOr<Response> SendCodeAsAsked(const Dependencies& dependencies, const Request& request,
                                         Mutation<Response>& mutation, const RequestCheck& fields,
                                         FindProof find) {
  GATEHOUSE_RETURN_IF_ERROR(fields.status());
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);
  const PreparedCode code(dependencies, mutation.policy());

  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
    GATEHOUSE_ASSIGN_OR_RETURN(OpenProof proof, find(scope));
    scope.Tell("method_id", request.method_id());
    GATEHOUSE_ASSIGN_OR_RETURN(const absl::Time expires_at,
                               SendCode(scope, dependencies, proof, request.method_id(), code));
    *answer.mutable_expire_time() = ToTimestamp(expires_at);
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_SENDING_H_
