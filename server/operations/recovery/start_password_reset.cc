// The first step of a password reset. Whoever has no method, and every name that nobody has, gets
// decoys; nothing of the answer tells which (product/domain.md, section 8).

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/refusal_runs.h"
#include "server/operations/call/request_check.h"
#include "server/operations/facts/account_state.h"
#include "server/operations/methods/code_limits.h"
#include "server/operations/methods/decoys.h"
#include "server/operations/methods/proofs.h"
#include "server/operations/passwords/password_verification.h"
#include "server/operations/recovery_operations.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/username.h"

namespace gatehouse::server {
namespace {

using Request = v1::StartPasswordResetRequest;
using Response = v1::StartPasswordResetResponse;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Typed("username", request.username());
  check.Client(request.client());
  check.RequestId(request.request_id());
  return check.status();
}

// Whose methods they are: the account's where it has any, the name's where not. What is looked for
// and drawn is the same for all, so that it takes as long.
absl::StatusOr<OpenProof> Begin(MutationScope& scope, const KeyRing& keys,
                                const std::string& username) {
  OpenProof proof;
  proof.record.subject = DecoySubject(keys, username);
  proof.methods = DecoyMethods(keys, scope.policy(), proof.record.subject);
  auto account = FindByUsername(scope.transaction(), username, scope.policy(), scope.call().now);
  const bool is_known = account.ok();
  if (absl::IsNotFound(account.status())) account = storage::AccountRecord();
  GATEHOUSE_RETURN_IF_ERROR(account.status());
  GATEHOUSE_ASSIGN_OR_RETURN(
      std::vector<storage::AuthenticationMethodRecord> methods,
      MethodsFor(scope.transaction(), account->id, storage::ProofPurpose::kPasswordReset));
  if (is_known) scope.SetTarget(*account);
  if (methods.empty()) {
    scope.Tell(kRefusalCause, is_known ? "no method" : "unknown username");
    return proof;
  }
  proof.methods = std::move(methods);
  proof.record.subject = account->id.value();
  proof.record.account_id = account->id;
  proof.record.epoch = account->epoch;
  return proof;
}

}  // namespace

absl::StatusOr<Response> StartPasswordReset(const Dependencies& dependencies,
                                            const CallContext& call, const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::START_PASSWORD_RESET, request,
                              MutationCore::Actor::kNone);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);
  const std::string username = FoldUsername(request.username());
  const std::string source = SourceOf(request.client().ip_address());
  const ProofName name(dependencies.entropy);

  return mutation.Commit([&](MutationScope& scope, Response& answer) {
    scope.Tell(kRefusalSource, source);
    GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
    if (auto source_open =
            CheckSource(scope.transaction(), scope.policy(), source, scope.call().now);
        !source_open.ok()) {
      return scope.Refuse(source_open);
    }
    GATEHOUSE_RETURN_IF_ERROR(CountResetBegun(scope, source));
    GATEHOUSE_ASSIGN_OR_RETURN(OpenProof proof, Begin(scope, dependencies.keys, username));
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::RevocationHead head,
                               scope.transaction().ReadRevocationHead());
    storage::ProofRecord& record = proof.record;
    record.id = name.digest;
    record.purpose = storage::ProofPurpose::kPasswordReset;
    record.position = head.position;
    record.created_at = scope.call().now;
    record.expires_at =
        record.created_at + scope.policy().Duration(policy::Parameter::kRecoveryLifetime);
    record.ip_address = request.client().ip_address();
    record.user_agent = request.client().user_agent();
    record.device_label = request.client().device_label();
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().PutProof(record));
    answer.set_reset_id(std::string(name.text.Reveal()));
    for (const auto& method : proof.methods) *answer.add_methods() = ToMaskedMessage(method);
    *answer.mutable_expire_time() = ToTimestamp(record.expires_at);
    return absl::OkStatus();
  });
}

}  // namespace gatehouse::server
