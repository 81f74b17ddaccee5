// The second half of a sign-in: AnswerSecondFactor, and the code that it may need to be sent. The
// challenge stands for the right password, and dies with everything that ends sessions, and for as
// long as the account is locked.

#include <optional>
#include <string>
#include <utility>

#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/methods/code_sending.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/session_operations.h"
#include "server/operations/sessions/new_session.h"
#include "server/operations/sign_in/sign_in.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Action;
using SendRequest = v1::SendSecondFactorCodeRequest;
using SendResponse = v1::SendSecondFactorCodeResponse;
using AnswerRequest = v1::AnswerSecondFactorRequest;
using AnswerResponse = v1::AnswerSecondFactorResponse;

template <typename Request>
void CheckCommonFields(RequestCheck& check, const Request& request) {
  check.Typed("challenge_id", request.challenge_id());
  check.Id("method_id", request.method_id(), Presence::kRequired);
  check.RequestId(request.request_id());
}

absl::StatusOr<OpenProof> FindChallenge(MutationScope& scope, const KeyRing& keys,
                                        const std::string& challenge_id) {
  absl::Status invalid =
      Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_CHALLENGE_INVALID,
            "this sign-in was answered, or is over: sign in again");
  GATEHOUSE_ASSIGN_OR_RETURN(
      OpenProof proof,
      FindOpenProof(scope, keys, challenge_id, storage::ProofPurpose::kSecondFactor, invalid));
  // A lock ends no session, and so no challenge; but to nobody is an account told as locked.
  if (proof.account->locked_at.has_value()) return scope.Refuse(std::move(invalid));
  return proof;
}

}  // namespace

absl::StatusOr<SendResponse> SendSecondFactorCode(const Dependencies& dependencies,
                                                  const CallContext& call,
                                                  const SendRequest& request) {
  Mutation<SendResponse> mutation(dependencies, call, Action::SEND_SECOND_FACTOR_CODE, request,
                                  MutationCore::Actor::kNone);
  RequestCheck fields(mutation.policy());
  CheckCommonFields(fields, request);
  return SendCodeAsAsked(dependencies, request, mutation, fields, [&](MutationScope& scope) {
    return FindChallenge(scope, dependencies.keys, request.challenge_id());
  });
}

absl::StatusOr<AnswerResponse> AnswerSecondFactor(const Dependencies& dependencies,
                                                  const CallContext& call,
                                                  const AnswerRequest& request) {
  Mutation<AnswerResponse> mutation(dependencies, call, Action::ANSWER_SECOND_FACTOR, request,
                                    MutationCore::Actor::kNone);
  RequestCheck check(mutation.policy());
  CheckCommonFields(check, request);
  check.Typed("code", request.code());
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<AnswerResponse> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  std::optional<NewSession> session;
  storage::ClientRecord client;
  GATEHOUSE_ASSIGN_OR_RETURN(replay, mutation.Preview([&](MutationScope& scope) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(const OpenProof proof,
                               FindChallenge(scope, dependencies.keys, request.challenge_id()));
    session.emplace(dependencies, proof.record.account_id);
    client = ClientOf(proof.record);
    return absl::OkStatus();
  }));
  if (replay.has_value()) return *std::move(replay);
  const std::string message_id = NewId(dependencies.entropy);

  auto response = mutation.Commit([&](MutationScope& scope, AnswerResponse& answer) {
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
    GATEHOUSE_ASSIGN_OR_RETURN(OpenProof proof,
                               FindChallenge(scope, dependencies.keys, request.challenge_id()));
    scope.Tell("method_id", request.method_id());
    GATEHOUSE_RETURN_IF_ERROR(
        TryCode(scope, dependencies, proof, request.method_id(), request.code(), message_id));
    storage::AccountRecord& account = *proof.account;
    GATEHOUSE_ASSIGN_OR_RETURN(const policy::Decision sign_in, scope.DecideSignIn(account));
    if (!sign_in.allowed) return scope.RefuseAndKeep(sign_in);
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().DeleteProof(proof.record.id));
    GATEHOUSE_RETURN_IF_ERROR(OpenSession(scope, *session, account, sign_in, ""));
    answer.set_session_token(session->TellToken());
    *answer.mutable_session() = session->Describe(client);
    return absl::OkStatus();
  });
  if (!response.ok() || response->replayed()) return response;
  GATEHOUSE_RETURN_IF_ERROR(session->Store(dependencies, call, client));
  return response;
}

}  // namespace gatehouse::server
