#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/methods/method_removal.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/passwords/password_verification.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using Request = v1::RemoveAuthenticationMethodRequest;
using Response = v1::RemoveAuthenticationMethodResponse;
using storage::AuthenticationMethodRecord;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("method_id", request.method_id(), Presence::kRequired);
  check.Typed("password", request.password());
  check.RequestId(request.request_id());
  return check.status();
}

absl::StatusOr<std::optional<AuthenticationMethodRecord>> FindOwn(MutationScope& scope,
                                                                  const std::string& method_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(auto methods,
                             scope.transaction().ListAuthenticationMethods(scope.actor().id));
  const auto found = std::ranges::find(methods, method_id, &AuthenticationMethodRecord::id);
  return found == methods.end() ? std::nullopt : std::optional(std::move(*found));
}

}  // namespace

absl::StatusOr<Response> RemoveAuthenticationMethod(const Dependencies& dependencies,
                                                    const CallContext& call,
                                                    const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::REMOVE_AUTHENTICATION_METHOD,
                              request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  GATEHOUSE_ASSIGN_OR_RETURN(
      const OwnPassword password,
      VerifyOwnPassword(dependencies, call, mutation, policy::Action::REMOVE_AUTHENTICATION_METHOD,
                        SecretString(request.password())));
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    storage::AccountRecord account = scope.OwnAccount();
    GATEHOUSE_ASSIGN_OR_RETURN(const auto method, FindOwn(scope, request.method_id()));
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(account));
    password.SetFacts(facts, account);
    facts.Set(Fact::kRequestMethodCounted, method.has_value() && CountsAsMethod(*method));
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    if (!method.has_value()) return scope.Refuse(AuthenticationMethodInvalid());

    const storage::AccountRecord before = account;
    scope.Tell("method_id", method->id);
    GATEHOUSE_RETURN_IF_ERROR(RemoveMethod(scope, account, *method));
    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(account, scope.session().key.digest));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, NotificationKind::kAuthenticationMethodRemoved));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(account));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
