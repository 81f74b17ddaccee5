// Ending all sessions of an account, perhaps but the one that asks.

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

using Request = v1::RevokeAllSessionsRequest;
using Response = v1::RevokeAllSessionsResponse;

// Whether the account named is the actor's, by what the actor's token says of itself: good enough
// to tell which fields must be given, and nothing rests on it.
bool NamesOwnAccount(const Request& request, const CallContext& call) {
  if (request.account_id().empty()) return true;
  const auto presented = KeyOf(call.token);
  return presented.has_value() && presented->account_id.value() == request.account_id();
}

absl::Status CheckFields(const Request& request, const CallContext& call,
                         const policy::Policy& policy) {
  const bool is_own = NamesOwnAccount(request, call);
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kOptional);
  check.Reason("reason", request.reason(), is_own ? Presence::kOptional : Presence::kRequired);
  if (request.keep_current() && !is_own) {
    check.Fault("keep_current", "is for one's own account only");
  }
  check.RequestId(request.request_id());
  return check.status();
}

}  // namespace

absl::StatusOr<Response> RevokeAllSessions(const Dependencies& dependencies,
                                           const CallContext& call, const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::REVOKE_ALL_SESSIONS, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, call, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::SessionKey& asking = mutation.session().key;
  const std::string message_id = NewId(dependencies.entropy);
  return mutation.CommitRevoking([&](MutationScope& scope, Response&) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               scope.FindTargetOrOwn(request.account_id()));
    scope.Tell("reason", request.reason());
    GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(target));

    const storage::AccountRecord before = target;
    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(
        target, request.keep_current() ? std::optional(asking.digest) : std::nullopt));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(target));
    if (target.id != asking.account_id) {
      GATEHOUSE_RETURN_IF_ERROR(
          Notify(scope, message_id, before, NotificationKind::kSessionsRevoked));
    }
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
