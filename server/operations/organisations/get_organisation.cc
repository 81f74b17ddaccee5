#include "server/operations/call/messages.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/organisation_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

using Response = v1::GetOrganisationResponse;

absl::StatusOr<Response> GetOrganisation(const Dependencies& dependencies, const CallContext& call,
                                         const v1::GetOrganisationRequest& request) {
  const auto policy = dependencies.policies.Get();
  RequestCheck check(*policy);
  check.Id("organisation_id", request.organisation_id(), Presence::kOptional);
  GATEHOUSE_RETURN_IF_ERROR(check.status());

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(
      RunQuery(dependencies, call, *policy, policy::Action::GET_ORGANISATION,
               [&](Scope& scope) -> absl::Status {
                 GATEHOUSE_ASSIGN_OR_RETURN(const storage::OrganisationRecord organisation,
                                            scope.FindOrganisationOrOwn(request.organisation_id()));
                 GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.FactsAbout(organisation)));
                 *response.mutable_organisation() = ToMessage(organisation);
                 return absl::OkStatus();
               }));
  return response;
}

}  // namespace gatehouse::server
