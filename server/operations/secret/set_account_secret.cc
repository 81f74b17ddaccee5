#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/passwords/password_verification.h"
#include "server/operations/secret/new_secret.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::SetAccountSecretResponse;

absl::Status CheckFields(const v1::SetAccountSecretRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  if (request.password().empty()) check.Fault("password", "must be given");
  if (request.account_secret().empty()) check.Fault("account_secret", "must be given");
  check.RequestId(request.request_id());
  return check.status();
}

}  // namespace

absl::StatusOr<Response> SetAccountSecret(const Dependencies& dependencies, const CallContext& call,
                                          const v1::SetAccountSecretRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::SET_ACCOUNT_SECRET, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::AccountId id = mutation.session().key.account_id;
  GATEHOUSE_ASSIGN_OR_RETURN(
      const OwnPassword password,
      VerifyOwnPassword(dependencies, call, mutation, policy::Action::SET_ACCOUNT_SECRET,
                        SecretString(request.password())));
  // Whoever does not know the password learns nothing about secrets.
  std::optional<NewSecret> secret;
  if (password.right) {
    GATEHOUSE_ASSIGN_OR_RETURN(secret,
                               JudgeSecret(dependencies, call, mutation.policy(), id, std::nullopt,
                                           SecretString(request.account_secret())));
  }
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    storage::AccountRecord account = scope.OwnAccount();
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(account));
    password.SetFacts(facts, account);
    if (secret.has_value()) secret->SetFacts(facts);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    if (!secret.has_value()) return Conflict();
    GATEHOUSE_RETURN_IF_ERROR(scope.CheckEtag(request.etag(), account.row_version));
    GATEHOUSE_RETURN_IF_ERROR(secret->Install(scope, account));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, account, NotificationKind::kAccountSecretChanged));
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(account));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
