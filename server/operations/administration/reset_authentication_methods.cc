#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/administration/administrative_act.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/methods/code_limits.h"
#include "server/operations/methods/method_removal.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Request = v1::ResetAuthenticationMethodsRequest;
using Response = v1::ResetAuthenticationMethodsResponse;

}  // namespace

absl::StatusOr<Response> ResetAuthenticationMethods(const Dependencies& dependencies,
                                                    const CallContext& call,
                                                    const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::RESET_AUTHENTICATION_METHODS,
                              request);
  GATEHOUSE_RETURN_IF_ERROR(AdministrativeAct(request).Check(mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);
  const AdministrativeAct act(request);
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               JudgeTarget(scope, act, [](policy::Facts&) {}));
    const storage::AccountRecord before = target;
    GATEHOUSE_RETURN_IF_ERROR(RemoveAllMethods(scope, target));
    GATEHOUSE_RETURN_IF_ERROR(ForgetWrongCodes(scope, target.id));
    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(target, std::nullopt));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(target));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, NotificationKind::kAuthenticationMethodsReset));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
