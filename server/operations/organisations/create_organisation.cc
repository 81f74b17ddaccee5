// A new organisation. Its first administrators are a matter of CreateAccount and GrantRole.

#include <optional>
#include <utility>

#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/organisation_operations.h"
#include "server/operations/organisations/organisation_name.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::CreateOrganisationResponse;

absl::Status CheckFields(const v1::CreateOrganisationRequest& request,
                         const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Name("display_name", request.display_name(), Presence::kRequired);
  check.EnumValue("password_scope", request.password_scope(), Presence::kRequired);
  check.RequestId(request.request_id());
  return check.status();
}

v1::Organisation Describe(const storage::OrganisationRecord& organisation, bool exists) {
  v1::Organisation message = ToMessage(organisation);
  if (!exists) {
    message.clear_organisation_id();
    message.clear_etag();
  }
  return message;
}

}  // namespace

absl::StatusOr<Response> CreateOrganisation(const Dependencies& dependencies,
                                            const CallContext& call,
                                            const v1::CreateOrganisationRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::CREATE_ORGANISATION, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::OrganisationRecord organisation{
      .id = storage::OrganisationId(NewId(dependencies.entropy)),
      .display_name = request.display_name(),
      .nas_managed = request.nas_managed(),
      .password_scope = request.password_scope(),
      .created_at = call.now};
  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    scope.SetOrganisation(storage::OrganisationId());  // the system's log
    scope.Tell("display_name", organisation.display_name);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
    GATEHOUSE_RETURN_IF_ERROR(
        RefuseIfTaken(scope, scope.transaction().InsertOrganisation(organisation)));
    scope.Tell("organisation_id", organisation.id.value());
    *answer.mutable_organisation() = Describe(organisation, !request.validate_only());
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
