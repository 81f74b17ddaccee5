// An administrator's reset: the way out when a temporary password was lost after a resecure, so it
// does not ask whether the acceptable use policy is accepted (product/domain.md, section 10).

#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/mutation.h"
#include "server/operations/notifications.h"
#include "server/operations/password_verification.h"
#include "server/operations/policy_facts.h"
#include "server/operations/request_check.h"
#include "server/operations/temporary_password.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::ResetPasswordResponse;

absl::Status CheckFields(const v1::ResetPasswordRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kRequired);
  check.Reason("reason", request.reason(), Presence::kRequired);
  check.IdentityCheck(request.identity_check());
  check.RequestId(request.request_id());
  return check.status();
}

// Everything that the new password has no part in.
absl::Status DecideWithoutPassword(MutationScope& scope, const v1::ResetPasswordRequest& request) {
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord target,
                             scope.FindTarget(request.account_id()));
  scope.TellIdentityCheck(request.reason(), request.identity_check());
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
  SetIdentityCheckFacts(facts, request.identity_check());
  GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
  return scope.CheckEtag(request.etag(), target.row_version);
}

absl::Status Reset(MutationScope& scope, const v1::ResetPasswordRequest& request,
                   const NewPassword& password, storage::AccountRecord& target) {
  const bool must_change =
      !request.has_require_password_change() || request.require_password_change();
  GATEHOUSE_RETURN_IF_ERROR(password.Install(scope, target));
  MakeTemporary(target, scope.policy(), scope.call().now, must_change);
  if (request.unlock()) {
    target.locked_at.reset();
    GATEHOUSE_RETURN_IF_ERROR(
        ClearPasswordAttempts(scope.transaction(), target.id, scope.call().now));
  }
  GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(target, std::nullopt));
  return scope.Save(target);
}

}  // namespace

absl::StatusOr<Response> ResetPassword(const Dependencies& dependencies, const CallContext& call,
                                       const v1::ResetPasswordRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::RESET_PASSWORD, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  GATEHOUSE_RETURN_IF_ERROR(mutation.Preview(
      [&](MutationScope& scope) { return DecideWithoutPassword(scope, request); }));
  GATEHOUSE_ASSIGN_OR_RETURN(
      const NewPassword password,
      MakeTemporaryPassword(dependencies, call, mutation.policy(),
                            storage::AccountId(request.account_id()),
                            SecretString(request.temporary_password()), request.validate_only()));
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               scope.FindTarget(request.account_id()));
    scope.TellIdentityCheck(request.reason(), request.identity_check());
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
    SetIdentityCheckFacts(facts, request.identity_check());
    password.SetFacts(facts);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    GATEHOUSE_RETURN_IF_ERROR(scope.CheckEtag(request.etag(), target.row_version));

    const storage::AccountRecord before = target;
    GATEHOUSE_RETURN_IF_ERROR(Reset(scope, request, password, target));
    GATEHOUSE_RETURN_IF_ERROR(Notify(scope, message_id, before, NotificationKind::kPasswordReset));
    answer.set_temporary_password(std::string(password.told_once().Reveal()));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
