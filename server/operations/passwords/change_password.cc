#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/passwords/new_password.h"
#include "server/operations/passwords/password_effects.h"
#include "server/operations/passwords/password_verification.h"
#include "server/operations/sessions/new_session.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::ChangePasswordResponse;

absl::Status CheckFields(const v1::ChangePasswordRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  if (request.current_password().empty()) check.Fault("current_password", "must be given");
  if (request.new_password().empty()) check.Fault("new_password", "must be given");
  check.RequestId(request.request_id());
  return check.status();
}

}  // namespace

absl::StatusOr<Response> ChangePassword(const Dependencies& dependencies, const CallContext& call,
                                        const v1::ChangePasswordRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::CHANGE_PASSWORD, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::SessionKey key = mutation.session().key;
  GATEHOUSE_ASSIGN_OR_RETURN(
      const OwnPassword current,
      VerifyOwnPassword(dependencies, call, mutation, policy::Action::CHANGE_PASSWORD,
                        SecretString(request.current_password())));
  std::optional<NewPassword> password;
  if (current.right) {
    GATEHOUSE_ASSIGN_OR_RETURN(password,
                               JudgePassword(dependencies, call, mutation.policy(), key.account_id,
                                             Comparison::kFormerPasswords, "new_password",
                                             SecretString(request.new_password())));
  }
  NewSession session(dependencies, key.account_id);
  const storage::ClientRecord client = ClientOfSession(dependencies, call, key);
  const std::string message_id = NewId(dependencies.entropy);

  auto response = mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    storage::AccountRecord account = scope.OwnAccount();
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(account));
    current.SetFacts(facts, account);
    SetPasswordFacts(facts, password, Reuse::kTold);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    if (!password.has_value()) return Conflict();

    const storage::AccountRecord before = account;
    GATEHOUSE_RETURN_IF_ERROR(password->Install(scope, account));
    GATEHOUSE_RETURN_IF_ERROR(TellSystems(scope, account, *answer.mutable_effects()));
    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(account, std::nullopt));
    GATEHOUSE_RETURN_IF_ERROR(session.Continue(scope, account, scope.session().level));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, NotificationKind::kPasswordChanged));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, before, account));
    answer.set_session_token(session.TellToken());
    *answer.mutable_session() = session.Describe(client);
    return absl::OkStatus();
  });
  if (!response.ok() || !mutation.revocation().has_value()) return response;
  GATEHOUSE_RETURN_IF_ERROR(session.Store(dependencies, call, client));
  return response;
}

}  // namespace gatehouse::server
