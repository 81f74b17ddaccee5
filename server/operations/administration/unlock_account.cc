#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/administration/administrative_act.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/passwords/password_verification.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::UnlockAccountResponse;

}  // namespace

absl::StatusOr<Response> UnlockAccount(const Dependencies& dependencies, const CallContext& call,
                                       const v1::UnlockAccountRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::UNLOCK_ACCOUNT, request);
  const AdministrativeAct act(request);
  GATEHOUSE_RETURN_IF_ERROR(act.Check(mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const std::string message_id = NewId(dependencies.entropy);
  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               JudgeTarget(scope, act, [](policy::Facts&) {}));
    const storage::AccountRecord before = target;
    target.locked_at.reset();
    GATEHOUSE_RETURN_IF_ERROR(
        ClearPasswordAttempts(scope.transaction(), target.id, scope.call().now));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(target));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, NotificationKind::kAccountUnlocked));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
