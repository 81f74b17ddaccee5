// The first code of a method: from then on it opens something, and whoever else was signed in is
// not any more.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/methods/printed_codes.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/sessions/new_session.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/secret_string.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Request = v1::ConfirmAuthenticationMethodRequest;
using Response = v1::ConfirmAuthenticationMethodResponse;
using storage::AuthenticationMethodRecord;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("method_id", request.method_id(), Presence::kRequired);
  check.Typed("code", request.code());
  check.RequestId(request.request_id());
  return check.status();
}

// What may be needed of randomness, drawn before the transaction.
struct Draft {
  Draft(const Dependencies& dependencies, const policy::Policy& policy,
        const storage::AccountId& account_id)
      : session(dependencies, account_id),
        message_id(NewId(dependencies.entropy)),
        printed(dependencies, policy, account_id) {}

  NewSession session;
  std::string message_id;
  PrintedCodes printed;
};

// Codes to print, for who has none.
absl::Status GivePrintedCodes(MutationScope& scope, const Draft& draft, Response& answer) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto methods,
                             scope.transaction().ListAuthenticationMethods(scope.actor().id));
  if (std::ranges::any_of(methods, IsPrinted)) return absl::OkStatus();
  for (const SecretString& code : draft.printed.texts()) {
    answer.add_recovery_codes(std::string(code.Reveal()));
  }
  return draft.printed.Give(scope).status();
}

// A FULL session goes on; a RESTRICTED one is followed by another, which has less to do.
absl::Status EndOtherSessions(MutationScope& scope, storage::AccountRecord& account,
                              NewSession& session) {
  if (scope.session().level == v1::SESSION_LEVEL_FULL) {
    return scope.RevokeAllSessions(account, scope.session().key.digest);
  }
  GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(account, std::nullopt));
  return session.Continue(scope, account);
}

}  // namespace

absl::StatusOr<Response> ConfirmAuthenticationMethod(const Dependencies& dependencies,
                                                     const CallContext& call,
                                                     const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::CONFIRM_AUTHENTICATION_METHOD,
                              request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const storage::SessionKey key = mutation.session().key;
  const bool is_restricted = mutation.session().level != v1::SESSION_LEVEL_FULL;
  Draft draft(dependencies, mutation.policy(), key.account_id);
  const storage::ClientRecord client = ClientOfSession(dependencies, call, key);

  auto response = mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    storage::AccountRecord account = scope.OwnAccount();
    GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(account));
    facts.Set(policy::Fact::kRequestMethodCounted, true);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
    GATEHOUSE_ASSIGN_OR_RETURN(
        OpenProof proof,
        FindOpenProof(scope, dependencies.keys, request.method_id(),
                      storage::ProofPurpose::kRegistration, AuthenticationMethodInvalid()));
    scope.Tell("method_id", request.method_id());
    GATEHOUSE_RETURN_IF_ERROR(
        TryCode(scope, dependencies, proof, request.method_id(), request.code(), draft.message_id));

    const storage::AccountRecord before = account;
    AuthenticationMethodRecord& method = *proof.FindMethod(request.method_id());
    method.confirmed_at = scope.call().now;
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().PutAuthenticationMethod(method));
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().DeleteProof(proof.record.id));
    GATEHOUSE_RETURN_IF_ERROR(GivePrintedCodes(scope, draft, answer));
    ++account.authentication_methods;
    GATEHOUSE_RETURN_IF_ERROR(EndOtherSessions(scope, account, draft.session));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, draft.message_id, before, NotificationKind::kAuthenticationMethodAdded));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, draft.message_id, before, account));
    *answer.mutable_method() = ToMessage(method);
    if (is_restricted) {
      answer.set_session_token(draft.session.TellToken());
      *answer.mutable_session() = draft.session.Describe(client);
    }
    return absl::OkStatus();
  });
  if (!response.ok() || !mutation.revocation().has_value() || !is_restricted) return response;
  GATEHOUSE_RETURN_IF_ERROR(draft.session.Store(dependencies, call, client));
  return response;
}

}  // namespace gatehouse::server
