// The emergency stop: every session of everybody, the operator's own included.

#include <optional>
#include <utility>

#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/session_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::RevokeEverythingRequest;
using Response = v1::RevokeEverythingResponse;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Reason("reason", request.reason(), Presence::kRequired);
  check.RequestId(request.request_id());
  return check.status();
}

}  // namespace

absl::StatusOr<Response> RevokeEverything(const Dependencies& dependencies, const CallContext& call,
                                          const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::REVOKE_EVERYTHING, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  return mutation.CommitRevoking([&](MutationScope& scope, Response&) {
    scope.SetOrganisation(storage::OrganisationId());  // the system's log
    scope.Tell("reason", request.reason());
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
    return scope.RevokeEverything();
  });
}

}  // namespace gatehouse::server
