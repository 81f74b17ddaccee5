// The middle of a password reset: a code is sent, and given back. What stands against the reset is
// told once a code was right, and not before.

#include <optional>
#include <string>
#include <utility>

#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/methods/code_sending.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/recovery/password_reset.h"
#include "server/operations/recovery_operations.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Action;
using SendRequest = v1::SendPasswordResetCodeRequest;
using SendResponse = v1::SendPasswordResetCodeResponse;
using VerifyRequest = v1::VerifyPasswordResetCodeRequest;
using VerifyResponse = v1::VerifyPasswordResetCodeResponse;

template <typename Request>
void CheckCommonFields(RequestCheck& check, const Request& request) {
  check.Typed("reset_id", request.reset_id());
  check.Id("method_id", request.method_id(), Presence::kRequired);
  check.RequestId(request.request_id());
}

// How many more methods the policy wants, found by asking it for the last step with more and more.
absl::StatusOr<int> MethodsRemaining(MutationScope& scope, const OpenProof& proof) {
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, FactsOfReset(scope, proof));
  const size_t proven = proof.record.proven_methods.size();
  for (size_t count = proven; count < proof.methods.size(); ++count) {
    facts.Set(policy::Fact::kRequestMethodsVerified, static_cast<int64_t>(count));
    if (scope.WouldAllow(Action::COMPLETE_PASSWORD_RESET, facts)) {
      return static_cast<int>(count - proven);
    }
  }
  return static_cast<int>(proof.methods.size() - proven);
}

}  // namespace

absl::StatusOr<SendResponse> SendPasswordResetCode(const Dependencies& dependencies,
                                                   const CallContext& call,
                                                   const SendRequest& request) {
  Mutation<SendResponse> mutation(dependencies, call, Action::SEND_PASSWORD_RESET_CODE, request,
                                  MutationCore::Actor::kNone);
  RequestCheck fields(mutation.policy());
  CheckCommonFields(fields, request);
  return SendCodeAsAsked(dependencies, request, mutation, fields, [&](MutationScope& scope) {
    return FindReset(scope, dependencies.keys, request.reset_id());
  });
}

absl::StatusOr<VerifyResponse> VerifyPasswordResetCode(const Dependencies& dependencies,
                                                       const CallContext& call,
                                                       const VerifyRequest& request) {
  Mutation<VerifyResponse> mutation(dependencies, call, Action::VERIFY_PASSWORD_RESET_CODE, request,
                                    MutationCore::Actor::kNone);
  RequestCheck check(mutation.policy());
  CheckCommonFields(check, request);
  check.Typed("code", request.code());
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<VerifyResponse> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.Commit([&](MutationScope& scope, VerifyResponse& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(OpenProof proof,
                               FindReset(scope, dependencies.keys, request.reset_id()));
    scope.Tell("method_id", request.method_id());
    GATEHOUSE_RETURN_IF_ERROR(
        TryCode(scope, dependencies, proof, request.method_id(), request.code(), message_id));
    GATEHOUSE_ASSIGN_OR_RETURN(const policy::Facts facts, FactsOfReset(scope, proof));
    const policy::Decision decision = scope.Ask(Action::VERIFY_PASSWORD_RESET_CODE, facts);
    if (!decision.allowed) return scope.RefuseAndKeep(decision);
    GATEHOUSE_ASSIGN_OR_RETURN(const int remaining, MethodsRemaining(scope, proof));
    answer.set_methods_remaining(remaining);
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
