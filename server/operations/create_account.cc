#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "server/operations/limits.h"
#include "server/operations/messages.h"
#include "server/operations/mutation.h"
#include "server/operations/new_password.h"
#include "server/operations/notifications.h"
#include "server/operations/propagation.h"
#include "server/operations/request_check.h"
#include "server/operations/temporary_password.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"
#include "server/secrets/username.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
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

absl::Status Decide(MutationScope& scope, const v1::CreateAccountRequest& request) {
  GATEHOUSE_ASSIGN_OR_RETURN(
      const storage::OrganisationRecord organisation,
      scope.FindOrganisation(storage::OrganisationId(request.organisation_id())));
  scope.SetOrganisation(organisation.id);
  policy::Facts facts = scope.FactsAbout(organisation);
  facts.Set(Fact::kRequestOrganisationId, organisation.id.value());
  return scope.Decide(facts);
}

storage::AccountRecord NewAccount(const v1::CreateAccountRequest& request, std::string username,
                                  const std::string& id, absl::Time now) {
  return {.id = storage::AccountId(id),
          .organisation_id = storage::OrganisationId(request.organisation_id()),
          .username = std::move(username),
          .profile = FromMessage(request.profile()),
          .status = v1::ACCOUNT_STATUS_PENDING,
          .status_changed_at = now,
          .created_at = now,
          .joined_at = now};
}

absl::Status Insert(MutationScope& scope, const storage::AccountRecord& account) {
  const absl::Status inserted = scope.transaction().InsertAccount(account);
  if (!absl::IsAlreadyExists(inserted)) return inserted;
  return scope.Refuse(Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_USERNAME_TAKEN,
                            "the username belongs, or belonged, to another account"));
}

}  // namespace

absl::StatusOr<Response> CreateAccount(const Dependencies& dependencies, const CallContext& call,
                                       const v1::CreateAccountRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::CREATE_ACCOUNT, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  GATEHOUSE_RETURN_IF_ERROR(
      mutation.Preview([&](MutationScope& scope) { return Decide(scope, request); }));
  GATEHOUSE_ASSIGN_OR_RETURN(const NewPassword password,
                             MakeTemporaryPassword(dependencies, call, mutation.policy(), {},
                                                   SecretString(), request.validate_only()));
  GATEHOUSE_ASSIGN_OR_RETURN(
      const std::string username,
      NormalizeUsername(request.username(), UsernameLimitsOf(mutation.policy())));
  const std::string account_id = NewId(dependencies.entropy);
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    scope.Tell("username", username);
    GATEHOUSE_RETURN_IF_ERROR(Decide(scope, request));

    storage::AccountRecord account = NewAccount(request, username, account_id, call.now);
    GATEHOUSE_RETURN_IF_ERROR(password.Install(scope, account));
    MakeTemporary(account, scope.policy(), call.now, /*must_change=*/true);
    GATEHOUSE_RETURN_IF_ERROR(Insert(scope, account));
    scope.SetTarget(account);
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, account, NotificationKind::kAccountCreated));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, {}, account));
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
