// GrantRole and WithdrawRole: the same way, and opposite effects.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/strip.h"

#include "server/operations/account_operations.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/facts/account_state.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using Roles = std::vector<storage::RoleGrantRecord>;

bool IsLocal(v1::Role role) { return role != v1::ROLE_NATIONAL_ADMIN && role != v1::ROLE_OPERATOR; }

template <typename Request>
absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kRequired);
  check.EnumValue("role", request.role(), Presence::kRequired);
  check.Id("organisation_id", request.organisation_id(), Presence::kOptional);
  if (!IsLocal(request.role()) && !request.organisation_id().empty()) {
    check.Fault("organisation_id", "must be empty: the role's scope is the system");
  }
  check.RequestId(request.request_id());
  return check.status();
}

// What is asked for, with the account's own organisation where none is named.
template <typename Request>
storage::RoleGrantRecord GrantOf(const Request& request, const storage::AccountRecord& target) {
  storage::RoleGrantRecord grant{.role = request.role()};
  if (IsLocal(grant.role)) {
    grant.organisation_id = request.organisation_id().empty()
                                ? target.organisation_id
                                : storage::OrganisationId(request.organisation_id());
  }
  return grant;
}

struct Change {
  policy::Action::Value action;
  NotificationKind notification;
  void (*apply)(Roles&, const storage::RoleGrantRecord&);
};

template <typename Response, typename Request>
absl::StatusOr<Response> ChangeRole(const Dependencies& dependencies, const CallContext& call,
                                    const Request& request, const Change& change) {
  Mutation<Response> mutation(dependencies, call, change.action, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const std::string message_id = NewId(dependencies.entropy);
  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               scope.FindTarget(request.account_id()));
    const storage::RoleGrantRecord grant = GrantOf(request, target);
    const std::string role(absl::StripPrefix(v1::Role_Name(grant.role), "ROLE_"));
    scope.Tell("role", role);
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
    facts.Set(Fact::kRequestRole, grant.role);
    facts.Set(Fact::kRequestOrganisationId, grant.organisation_id.value());
    facts.Set(Fact::kRequestRoleHeld,
              std::find(target.roles.begin(), target.roles.end(), grant) != target.roles.end());
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    GATEHOUSE_RETURN_IF_ERROR(scope.CheckEtag(request.etag(), target.row_version));

    const storage::AccountRecord before = target;
    Roles roles = target.roles;
    change.apply(roles, grant);
    SettleStatus(target, scope.policy(), call.now);
    SetRoles(target, std::move(roles), call.now);
    GATEHOUSE_RETURN_IF_ERROR(scope.RenewAuthorisation(target));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(target));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, change.notification, {{"role", role}}));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, before, target));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<v1::GrantRoleResponse> GrantRole(const Dependencies& dependencies,
                                                const CallContext& call,
                                                const v1::GrantRoleRequest& request) {
  return ChangeRole<v1::GrantRoleResponse>(
      dependencies, call, request,
      {.action = policy::Action::GRANT_ROLE,
       .notification = NotificationKind::kRoleGranted,
       .apply = [](Roles& roles, const storage::RoleGrantRecord& grant) {
         roles.push_back(grant);
       }});
}

absl::StatusOr<v1::WithdrawRoleResponse> WithdrawRole(const Dependencies& dependencies,
                                                      const CallContext& call,
                                                      const v1::WithdrawRoleRequest& request) {
  return ChangeRole<v1::WithdrawRoleResponse>(
      dependencies, call, request,
      {.action = policy::Action::WITHDRAW_ROLE,
       .notification = NotificationKind::kRoleWithdrawn,
       .apply = [](Roles& roles, const storage::RoleGrantRecord& grant) {
         std::erase(roles, grant);
       }});
}

}  // namespace gatehouse::server
