// A change of an organisation, field by field as the mask names them.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/organisation_operations.h"
#include "server/operations/organisations/organisation_name.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::UpdateOrganisationRequest;
using Response = v1::UpdateOrganisationResponse;
using storage::OrganisationRecord;

constexpr absl::string_view kDisplayName = "display_name";
constexpr absl::string_view kNasManaged = "nas_managed";
constexpr absl::string_view kPasswordScope = "password_scope";

bool Names(const Request& request, absl::string_view path) {
  const auto& paths = request.update_mask().paths();
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

void CheckMask(const Request& request, RequestCheck& check) {
  check.Mask(request.update_mask(), *Request::descriptor());
  for (const std::string& path : request.update_mask().paths()) {
    const bool is_field = Request::descriptor()->FindFieldByName(path) != nullptr;
    if (is_field && path != kDisplayName && path != kNasManaged && path != kPasswordScope) {
      check.Fault("update_mask", absl::StrCat("'", path, "' cannot be changed"));
    }
  }
}

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("organisation_id", request.organisation_id(), Presence::kRequired);
  CheckMask(request, check);
  if (Names(request, kDisplayName)) {
    check.Name(kDisplayName, request.display_name(), Presence::kRequired);
  }
  if (Names(request, kPasswordScope)) {
    check.EnumValue(kPasswordScope, request.password_scope(), Presence::kRequired);
  }
  check.RequestId(request.request_id());
  return check.status();
}

OrganisationRecord Change(OrganisationRecord organisation, const Request& request) {
  if (Names(request, kDisplayName)) organisation.display_name = request.display_name();
  if (Names(request, kNasManaged)) organisation.nas_managed = request.nas_managed();
  if (Names(request, kPasswordScope)) organisation.password_scope = request.password_scope();
  return organisation;
}

void TellChange(MutationScope& scope, const OrganisationRecord& before,
                const OrganisationRecord& after) {
  if (after.display_name != before.display_name) scope.Tell(kDisplayName, after.display_name);
  if (after.nas_managed != before.nas_managed) {
    scope.Tell(kNasManaged, after.nas_managed ? "true" : "false");
  }
  if (after.password_scope != before.password_scope) {
    scope.Tell(kPasswordScope, v1::PasswordScope_Name(after.password_scope));
  }
}

}  // namespace

absl::StatusOr<Response> UpdateOrganisation(const Dependencies& dependencies,
                                            const CallContext& call, const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::UPDATE_ORGANISATION, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  return mutation.Commit([&](MutationScope& scope, Response& answer) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(
        const OrganisationRecord before,
        scope.FindOrganisation(storage::OrganisationId(request.organisation_id())));
    scope.SetOrganisation(before.id);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.FactsAbout(before)));
    GATEHOUSE_RETURN_IF_ERROR(scope.CheckEtag(request.etag(), before.row_version));

    OrganisationRecord after = Change(before, request);
    TellChange(scope, before, after);
    GATEHOUSE_RETURN_IF_ERROR(RefuseIfTaken(scope, scope.transaction().UpdateOrganisation(after)));
    ++after.row_version;
    *answer.mutable_organisation() = ToMessage(after);
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
