// Accepting the policy, confirming the profile and setting the secret: together, at Save (seed
// "Setting a user account secret").

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/limits.h"
#include "server/operations/secret/new_secret.h"
#include "server/operations/sessions/new_session.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using Response = v1::CompleteRequiredActionsResponse;

absl::Status CheckFields(const v1::CompleteRequiredActionsRequest& request,
                         const policy::Policy& policy) {
  RequestCheck check(policy);
  if (request.has_accept_aup()) {
    check.Text("accept_aup.version", request.accept_aup().version(), kLongestAupVersion,
               Presence::kRequired);
  }
  if (request.has_profile()) check.Profile(request.profile());
  check.RequestId(request.request_id());
  return check.status();
}

std::vector<int> IssuedFor(const storage::SessionRecord& session) {
  return {session.required_actions.begin(), session.required_actions.end()};
}

// What the session was issued for and is still to be done: another session of the same person may
// have done it meanwhile.
std::vector<int> StillPending(const storage::SessionRecord& session,
                              const policy::Decision& sign_in) {
  std::vector<int> pending;
  for (const v1::RequiredAction action : session.required_actions) {
    if (std::find(sign_in.obligations.begin(), sign_in.obligations.end(), action) !=
        sign_in.obligations.end()) {
      pending.push_back(action);
    }
  }
  return pending;
}

bool IsPending(const std::vector<int>& pending, v1::RequiredAction action) {
  return std::find(pending.begin(), pending.end(), action) != pending.end();
}

void SetRequestFacts(policy::Facts& facts, const v1::CompleteRequiredActionsRequest& request,
                     const std::vector<int>& pending, const std::optional<NewSecret>& secret) {
  facts.Set(Fact::kActorRequiredActions, absl::MakeConstSpan(pending));
  facts.Set(Fact::kAccountRequiredActions, absl::MakeConstSpan(pending));
  facts.Set(Fact::kRequestAcceptsAup, request.has_accept_aup());
  facts.Set(Fact::kRequestAupVersion, request.accept_aup().version());
  facts.Set(Fact::kRequestConfirmsProfile, request.has_profile());
  if (secret.has_value()) secret->SetFacts(facts);
}

// Whether the secret would have done is nobody's business then.
absl::Status SecretNotPending() {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ACTION_NOT_PENDING,
               "an account secret is not pending; change it with SetAccountSecret");
}

absl::Status Save(MutationScope& scope, const v1::CompleteRequiredActionsRequest& request,
                  const std::optional<NewSecret>& secret, storage::AccountRecord& account) {
  const absl::Time now = scope.call().now;
  if (request.has_accept_aup()) {
    account.aup_version = request.accept_aup().version();
    account.aup_accepted_at = now;
    scope.Tell("aup_version", account.aup_version);
  }
  if (request.has_profile()) {
    account.profile = FromMessage(request.profile());
    account.profile_confirmed_at = now;
  }
  if (secret.has_value()) GATEHOUSE_RETURN_IF_ERROR(secret->Install(scope, account));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Response> CompleteRequiredActions(
    const Dependencies& dependencies, const CallContext& call,
    const v1::CompleteRequiredActionsRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::COMPLETE_REQUIRED_ACTIONS,
                              request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::SessionKey key = mutation.session().key;
  std::optional<NewSecret> secret;
  if (!request.account_secret().empty() &&
      IsPending(IssuedFor(mutation.session()), v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET)) {
    const auto profile =
        request.has_profile() ? std::optional(FromMessage(request.profile())) : std::nullopt;
    GATEHOUSE_ASSIGN_OR_RETURN(
        secret, JudgeSecret(dependencies, call, mutation.policy(), key.account_id, profile,
                            SecretString(request.account_secret())));
  }
  NewSession session(dependencies, key.account_id);
  const storage::ClientRecord client = ClientOfSession(dependencies, call, key);
  const std::string message_id = NewId(dependencies.entropy);

  auto response = mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    storage::AccountRecord account = scope.OwnAccount();
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(account));
    GATEHOUSE_ASSIGN_OR_RETURN(const policy::Decision sign_in, scope.DecideSignIn(account));
    if (!sign_in.allowed) return scope.Refuse(sign_in);  // no other session would be opened
    const std::vector<int> pending = StillPending(scope.session(), sign_in);
    if (!request.account_secret().empty() &&
        !IsPending(pending, v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET)) {
      return scope.Refuse(SecretNotPending());
    }
    SetRequestFacts(facts, request, pending, secret);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));

    GATEHOUSE_RETURN_IF_ERROR(Save(scope, request, secret, account));
    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeSession(key));
    GATEHOUSE_RETURN_IF_ERROR(session.Continue(scope, account));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    if (secret.has_value()) {
      GATEHOUSE_RETURN_IF_ERROR(
          Notify(scope, message_id, scope.actor(), NotificationKind::kAccountSecretChanged));
    }
    GATEHOUSE_RETURN_IF_ERROR(
        Propagate(scope, session.record().key.digest.ToSessionId(), scope.actor(), account));
    answer.set_session_token(session.TellToken());
    *answer.mutable_session() = session.Describe(client);
    return absl::OkStatus();
  });
  if (!response.ok() || !mutation.revocation().has_value()) return response;
  GATEHOUSE_RETURN_IF_ERROR(session.Store(dependencies, call, client));
  return response;
}

}  // namespace gatehouse::server
