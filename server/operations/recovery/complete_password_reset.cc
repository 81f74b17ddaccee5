// The last step of a password reset: the person's choice of a password, which also unlocks, and
// ends every session (seed "Self-service"; product/domain.md, section 3).

#include <optional>
#include <string>
#include <utility>

#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/passwords/new_password.h"
#include "server/operations/passwords/password_effects.h"
#include "server/operations/passwords/password_verification.h"
#include "server/operations/recovery/password_reset.h"
#include "server/operations/recovery_operations.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Request = v1::CompletePasswordResetRequest;
using Response = v1::CompletePasswordResetResponse;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Typed("reset_id", request.reset_id());
  if (request.new_password().empty()) check.Fault("new_password", "must be given");
  check.RequestId(request.request_id());
  return check.status();
}

// A reset by which something was proven, once nothing stands against its last step.
absl::StatusOr<OpenProof> JudgeReset(MutationScope& scope, const KeyRing& keys,
                                     const std::string& reset_id,
                                     const std::optional<NewPassword>& password) {
  GATEHOUSE_ASSIGN_OR_RETURN(OpenProof proof, FindReset(scope, keys, reset_id));
  if (proof.record.proven_methods.empty()) return scope.Refuse(ResetInvalid());
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, FactsOfReset(scope, proof));
  SetPasswordFacts(facts, password, Reuse::kWithheld);
  GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
  if (password.has_value()) {
    GATEHOUSE_RETURN_IF_ERROR(password->DecideReuse(scope, facts, *proof.account));
  }
  return proof;
}

// Whoever tried passwords has to begin anew, and the person need not wait for that.
absl::Status Unlock(MutationScope& scope, storage::AccountRecord& account, Response& answer) {
  GATEHOUSE_RETURN_IF_ERROR(
      ClearPasswordAttempts(scope.transaction(), account.id, scope.call().now));
  if (!account.locked_at.has_value()) return absl::OkStatus();
  account.locked_at.reset();
  answer.add_effects(v1::PASSWORD_RESET_EFFECT_UNLOCKED);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Response> CompletePasswordReset(const Dependencies& dependencies,
                                               const CallContext& call, const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::COMPLETE_PASSWORD_RESET, request,
                              MutationCore::Actor::kNone);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  storage::AccountId account_id;
  GATEHOUSE_ASSIGN_OR_RETURN(replay, mutation.Preview([&](MutationScope& scope) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(const OpenProof proof, JudgeReset(scope, dependencies.keys,
                                                                 request.reset_id(), std::nullopt));
    account_id = proof.record.account_id;
    return absl::OkStatus();
  }));
  if (replay.has_value()) return *std::move(replay);
  GATEHOUSE_ASSIGN_OR_RETURN(
      const std::optional<NewPassword> password,
      JudgePassword(dependencies, call, mutation.policy(), account_id, Comparison::kFormerPasswords,
                    "new_password", SecretString(request.new_password())));
  const std::string message_id = NewId(dependencies.entropy);

  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(OpenProof proof,
                               JudgeReset(scope, dependencies.keys, request.reset_id(), password));
    storage::AccountRecord& account = *proof.account;
    const storage::AccountRecord before = account;
    GATEHOUSE_RETURN_IF_ERROR(password->Install(scope, account));
    GATEHOUSE_RETURN_IF_ERROR(TellSystems(scope, account, *answer.mutable_effects()));
    GATEHOUSE_RETURN_IF_ERROR(Unlock(scope, account, answer));
    GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(account, std::nullopt));
    GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().DeleteProof(proof.record.id));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, NotificationKind::kPasswordRecovered));
    return Propagate(scope, message_id, before, account);
  });
}

}  // namespace gatehouse::server
