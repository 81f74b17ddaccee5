// The heart: what may be in the wrong hands is taken out of them in one transaction (seed "Resecure
// an account"; product/domain.md, section 3).

#include <optional>
#include <string>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/administration/administrative_act.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/methods/code_limits.h"
#include "server/operations/methods/method_removal.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/passwords/temporary_password.h"
#include "server/operations/secret/new_secret.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using Response = v1::ResecureAccountResponse;

absl::Status CheckFields(const v1::ResecureAccountRequest& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  AdministrativeAct(request).Check(check);
  if (!request.temporary_password().empty() && request.defer_temporary_password()) {
    check.Fault("temporary_password", "is given and deferred; choose one");
  }
  return check.status();
}

void AddStep(v1::ResecureReceipt& receipt, v1::ResecureStepKind kind, absl::Time at) {
  v1::ResecureStep& step = *receipt.add_steps();
  step.set_kind(kind);
  *step.mutable_time() = ToTimestamp(at);
}

// The four effects, in the seed's order.
absl::Status TakeEverythingAway(MutationScope& scope, storage::AccountRecord& target,
                                const std::optional<NewPassword>& password, bool must_change,
                                bool reset_methods) {
  const absl::Time now = scope.call().now;
  if (password.has_value()) {
    GATEHOUSE_RETURN_IF_ERROR(password->Install(scope, target));
    MakeTemporary(target, scope.policy(), now, must_change);
  } else {
    GATEHOUSE_RETURN_IF_ERROR(RetirePassword(scope, target));
    target.password.must_change = must_change;
  }
  target.aup_version.clear();
  target.aup_accepted_at.reset();
  target.aup_reset_at = now;
  GATEHOUSE_RETURN_IF_ERROR(RetireSecret(scope, target));
  if (reset_methods) GATEHOUSE_RETURN_IF_ERROR(RemoveAllMethods(scope, target));
  GATEHOUSE_RETURN_IF_ERROR(ForgetWrongCodes(scope, target.id));
  target.profile_confirmed_at.reset();
  target.resecured_at = now;
  GATEHOUSE_RETURN_IF_ERROR(scope.RevokeAllSessions(target, std::nullopt));
  return scope.Save(target);
}

absl::Status FillReceipt(MutationScope& scope, const storage::AccountRecord& target,
                         const std::string& resecure_id, bool reset_methods,
                         v1::ResecureReceipt& receipt) {
  const absl::Time now = scope.call().now;
  receipt.set_resecure_id(resecure_id);
  receipt.set_account_id(target.id.value());
  AddStep(receipt, v1::RESECURE_STEP_KIND_PASSWORD_RESET, now);
  AddStep(receipt, v1::RESECURE_STEP_KIND_AUP_RESET, now);
  AddStep(receipt, v1::RESECURE_STEP_KIND_ACCOUNT_SECRET_RESET, now);
  AddStep(receipt, v1::RESECURE_STEP_KIND_SESSIONS_REVOKED, now);
  if (reset_methods) AddStep(receipt, v1::RESECURE_STEP_KIND_AUTHENTICATION_METHODS_RESET, now);
  GATEHOUSE_ASSIGN_OR_RETURN(
      const auto surviving,
      MethodsFor(scope.transaction(), target.id, storage::ProofPurpose::kSecondFactor));
  for (const auto& method : surviving) {
    *receipt.add_surviving_authentication_methods() = ToMessage(method);
  }
  receipt.set_policy_revision(scope.policy().revision().ToString());
  GATEHOUSE_ASSIGN_OR_RETURN(const int64_t sequence, scope.AuditSequence());
  receipt.set_audit_sequence(sequence);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Response> ResecureAccount(const Dependencies& dependencies, const CallContext& call,
                                         const v1::ResecureAccountRequest& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::RESECURE_ACCOUNT, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const AdministrativeAct act(request);
  GATEHOUSE_ASSIGN_OR_RETURN(replay, mutation.Preview([&](MutationScope& scope) {
    return JudgeWithoutPassword(scope, act);
  }));
  if (replay.has_value()) return *std::move(replay);
  const SecretString given(request.temporary_password());
  std::optional<NewPassword> password;
  if (!request.defer_temporary_password()) {
    GATEHOUSE_ASSIGN_OR_RETURN(
        password, MakeTemporaryPassword(dependencies, call, mutation.policy(),
                                        storage::AccountId(request.account_id()), given,
                                        request.validate_only()));
  }
  const std::string resecure_id = NewId(dependencies.entropy);
  const std::string message_id = NewId(dependencies.entropy);
  const bool must_change =
      !request.has_require_password_change() || request.require_password_change();

  return mutation.CommitRevoking([&](MutationScope& scope, Response& answer) {
    GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target,
                               JudgeTargetAndPassword(scope, act, password));
    const storage::AccountRecord before = target;
    GATEHOUSE_RETURN_IF_ERROR(TakeEverythingAway(scope, target, password, must_change,
                                                 request.reset_authentication_methods()));
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, message_id, before, NotificationKind::kAccountResecured));
    GATEHOUSE_RETURN_IF_ERROR(Propagate(scope, message_id, before, target));
    scope.Tell("resecure_id", resecure_id);
    if (!request.validate_only()) {
      GATEHOUSE_RETURN_IF_ERROR(FillReceipt(scope, target, resecure_id,
                                            request.reset_authentication_methods(),
                                            *answer.mutable_receipt()));
    }
    if (password.has_value()) {
      answer.set_temporary_password(std::string(password->told_once().Reveal()));
    }
    GATEHOUSE_ASSIGN_OR_RETURN(*answer.mutable_account(), scope.Describe(target));
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
