#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/accounts/new_account.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/limits.h"
#include "server/operations/passwords/hashing.h"
#include "server/operations/passwords/new_password.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"
#include "server/secrets/username.h"

namespace gatehouse::server {
namespace {

using Response = v1::CreateAccountResponse;

absl::Status CheckFields(const v1::CreateAccountRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("organisation_id", request.organisation_id(), Presence::kRequired);
  if (const auto username = NormalizeUsername(request.username(), UsernameLimitsOf(policy));
      !username.ok()) {
    check.Fault("username", username.status().message());
  }
  check.Profile(request.profile());
  check.RequestId(request.request_id());
  return check.status();
}

// There is no account yet: judged by the names that it will have.
absl::StatusOr<NewPassword> FirstPassword(const Dependencies& dependencies, const CallContext& call,
                                          const policy::Policy& policy, const v1::Profile& profile,
                                          const std::string& username) {
  GATEHOUSE_ASSIGN_OR_RETURN(HashPermit permit, AcquirePermit(dependencies, call));
  return NewPassword::Generated(dependencies, permit, policy, FromMessage(profile), username);
}

}  // namespace

absl::StatusOr<Response> CreateAccount(const Dependencies& dependencies, const CallContext& call,
                                       const v1::CreateAccountRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::CREATE_ACCOUNT, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::OrganisationId organisation_id(request.organisation_id());
  GATEHOUSE_ASSIGN_OR_RETURN(replay, mutation.Preview([&](MutationScope& scope) {
    return DecideNewAccounts(scope, organisation_id);
  }));
  if (replay.has_value()) return *std::move(replay);
  GATEHOUSE_ASSIGN_OR_RETURN(
      const std::string username,
      NormalizeUsername(request.username(), UsernameLimitsOf(mutation.policy())));
  GATEHOUSE_ASSIGN_OR_RETURN(
      const NewPassword password,
      FirstPassword(dependencies, call, mutation.policy(), request.profile(), username));
  const storage::AccountId account_id(NewId(dependencies.entropy));
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    scope.Tell("username", username);
    GATEHOUSE_RETURN_IF_ERROR(DecideNewAccounts(scope, organisation_id));

    storage::AccountRecord account = ToRecord({.id = account_id,
                                               .organisation_id = organisation_id,
                                               .username = username,
                                               .profile = request.profile()},
                                              call.now);
    GATEHOUSE_RETURN_IF_ERROR(password.Install(scope, account));
    MakeTemporary(account, scope.policy(), call.now, /*must_change=*/true);
    if (absl::Status inserted =
            InsertNewAccount(scope, account, message_id, NotificationKind::kAccountCreated);
        !inserted.ok()) {
      return IsUsernameTaken(inserted) ? scope.Refuse(inserted) : inserted;
    }
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(account));
    if (request.validate_only()) {
      answer.mutable_account()->clear_account_id();
      answer.mutable_account()->clear_etag();
      return absl::OkStatus();
    }
    answer.set_temporary_password(std::string(password.told_once().Reveal()));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
