// Ending one session: by its token, which is proof enough, or by its id.

#include <optional>
#include <string>
#include <utility>

#include "server/operations/call/actor.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/request_check.h"
#include "server/operations/session_operations.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using Request = v1::RevokeSessionRequest;
using Response = v1::RevokeSessionResponse;

bool IsByToken(const Request& request) { return !request.session_token().empty(); }

void CheckToken(const Request& request, RequestCheck& check) {
  if (!ParseSessionToken(request.session_token()).has_value()) {
    check.Fault("session_token", "is not a session token");
  }
  if (!request.account_id().empty() || !request.session_id().empty()) {
    check.Fault("session_token", "is given beside account_id or session_id; choose one way");
  }
}

void CheckIds(const Request& request, RequestCheck& check) {
  check.Id("account_id", request.account_id(), Presence::kOptional);
  if (request.session_id().empty()) {
    check.Fault("session_id", "must be given, or session_token instead");
  } else if (!ParseSessionId(request.session_id()).has_value()) {
    check.Fault("session_id", "is not a session id: 43 characters of base64url");
  }
}

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  IsByToken(request) ? CheckToken(request, check) : CheckIds(request, check);
  check.RequestId(request.request_id());
  return check.status();
}

// A token is proof of a session only where the session can be found. While the session store is
// away it is not taken at its word: nothing is called valid then, and whoever makes tokens up would
// fill the revocation log and the account's timeline.
absl::Status CheckTokenLives(const Dependencies& dependencies, const CallContext& call,
                             const Request& request) {
  return FindValidSession(dependencies, call, SecretString(request.session_token())).status();
}

// The session meant, by a request whose fields are in order.
storage::SessionKey SessionMeant(const Request& request, const MutationCore& mutation) {
  if (IsByToken(request)) return *KeyOf(SecretString(request.session_token()));
  return {.account_id = request.account_id().empty() ? mutation.session().key.account_id
                                                     : storage::AccountId(request.account_id()),
          .digest = *ParseSessionId(request.session_id())};
}

}  // namespace

absl::StatusOr<Response> RevokeSession(const Dependencies& dependencies, const CallContext& call,
                                       const Request& request) {
  using Actor = MutationCore::Actor;
  Mutation<Response> mutation(dependencies, call, policy::Action::REVOKE_SESSION, request,
                              IsByToken(request) ? Actor::kNone : Actor::kRequired);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  if (IsByToken(request)) GATEHOUSE_RETURN_IF_ERROR(CheckTokenLives(dependencies, call, request));
  const storage::SessionKey key = SessionMeant(request, mutation);
  const std::string message_id = NewId(dependencies.entropy);
  return mutation.CommitRevoking([&](MutationScope& scope, Response&) {
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord target,
                               scope.FindTarget(key.account_id.value()));
    scope.Tell("session_id", key.digest.ToSessionId());
    // Whoever has a session's token is its owner, as far as anybody can tell.
    const bool is_own = IsByToken(request) || (scope.has_actor() && scope.actor().id == target.id);
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
    facts.Set(Fact::kSelf, is_own);
    facts.Set(Fact::kRequestOwnSession, is_own);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));

    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeSession(key));
    if (!is_own) {
      GATEHOUSE_RETURN_IF_ERROR(
          Notify(scope, message_id, target, NotificationKind::kSessionsRevoked));
    }
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
