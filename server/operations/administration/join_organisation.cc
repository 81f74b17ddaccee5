// A leaver's account comes into another organisation. With the row's organisation the former one's
// rights are gone; with the epoch, whatever was begun under them.

#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/administration/administrative_act.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/facts/account_state.h"
#include "server/operations/facts/policy_facts.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::JoinOrganisationResponse;

absl::Status CheckFields(const v1::JoinOrganisationRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  AdministrativeAct(request).Check(check);
  check.Id("organisation_id", request.organisation_id(), Presence::kRequired);
  return check.status();
}

absl::Status Move(MutationScope& scope, storage::AccountRecord& target,
                  const storage::OrganisationId& organisation_id) {
  const absl::Time now = scope.call().now;
  target.organisation_id = organisation_id;
  target.joined_at = now;  // the hold begins
  target.leaver_at.reset();
  SetRoles(target, {}, now);
  GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(target, std::nullopt));
  return scope.Save(target);
}

// The organisation that was responsible until now reads in its own log that it no longer is.
absl::Status TellFormer(MutationScope& scope, const storage::OrganisationId& former) {
  storage::AuditRecord audit = scope.audit();
  audit.organisation_id = former;
  audit.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
  return AppendAudit(scope.transaction(), std::move(audit));
}

}  // namespace

absl::StatusOr<Response> JoinOrganisation(const Dependencies& dependencies, const CallContext& call,
                                          const v1::JoinOrganisationRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::JOIN_ORGANISATION, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const std::string message_id = NewId(dependencies.entropy);
  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(
        const storage::OrganisationRecord joined,
        scope.FindOrganisation(storage::OrganisationId(request.organisation_id())));
    GATEHOUSE_ASSIGN_OR_RETURN(
        storage::AccountRecord target,
        JudgeTarget(scope, AdministrativeAct(request), [&](policy::Facts& facts) {
          SetOrganisationFacts(facts, joined);
          scope.SetOrganisation(joined.id);
        }));
    const storage::AccountRecord before = target;
    scope.Tell("from_organisation_id", before.organisation_id.value());
    scope.Tell("to_organisation_id", joined.id.value());
    GATEHOUSE_RETURN_IF_ERROR(Move(scope, target, joined.id));
    GATEHOUSE_RETURN_IF_ERROR(TellFormer(scope, before.organisation_id));
    GATEHOUSE_RETURN_IF_ERROR(Notify(scope, message_id, before,
                                     NotificationKind::kOrganisationJoined,
                                     {{"organisation", joined.display_name}}));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, before, target));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
