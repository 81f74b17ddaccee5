// An administrator's reset: the way out when a temporary password was lost after a resecure, so it
// does not ask whether the acceptable use policy is accepted (product/domain.md, section 10).

#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/administration/administrative_act.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/passwords/password_verification.h"
#include "server/operations/passwords/temporary_password.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::ResetPasswordResponse;

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
  GATEHOUSE_RETURN_IF_ERROR(AdministrativeAct(request).Check(mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const AdministrativeAct act(request);
  GATEHOUSE_ASSIGN_OR_RETURN(replay, mutation.Preview([&](MutationScope& scope) {
    return JudgeWithoutPassword(scope, act);
  }));
  if (replay.has_value()) return *std::move(replay);
  GATEHOUSE_ASSIGN_OR_RETURN(
      const std::optional<NewPassword> password,
      MakeTemporaryPassword(dependencies, call, mutation.policy(),
                            storage::AccountId(request.account_id()),
                            SecretString(request.temporary_password()), request.validate_only()));
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               JudgeTargetAndPassword(scope, act, password));
    const storage::AccountRecord before = target;
    GATEHOUSE_RETURN_IF_ERROR(Reset(scope, request, *password, target));
    GATEHOUSE_RETURN_IF_ERROR(Notify(scope, message_id, before, NotificationKind::kPasswordReset));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, before, target));
    answer.set_temporary_password(std::string(password->told_once().Reveal()));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
