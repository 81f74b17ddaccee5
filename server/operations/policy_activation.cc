#include "server/operations/policy_activation.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "server/operations/audit_trail.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

// As the calling service of what the server does by itself.
constexpr char kCaller[] = "server";
// How long a reload may wait until this server decides by the new policy.
constexpr absl::Duration kReloadTime = absl::Seconds(10);

storage::AuditRecord ActivationEvent(const policy::Policy& judge, absl::string_view reason,
                                     absl::Time now) {
  storage::AuditRecord audit;
  audit.time = now;
  audit.caller = kCaller;
  audit.action = "ACTIVATE_POLICY";
  audit.outcome = v1::AUDIT_OUTCOME_SUCCEEDED;
  audit.policy_revision = judge.revision().ToString();
  audit.details["reason"] = std::string(reason);
  return audit;
}

// In a revoking transaction.
absl::StatusOr<int64_t> PutInForce(storage::Transaction& transaction, const policy::Policy& policy,
                                   const storage::PolicyStateRecord& before,
                                   storage::AuditRecord audit) {
  const std::string revision = policy.revision().ToString();
  audit.details["revision"] = revision;
  if (!before.active.empty()) audit.details["before"] = before.active;
  GATEHOUSE_RETURN_IF_ERROR(transaction.SavePolicyRevision({.revision = revision,
                                                            .text = std::string(policy.text()),
                                                            .activated_at = audit.time,
                                                            .reason = audit.details.at("reason")}));
  GATEHOUSE_RETURN_IF_ERROR(AppendAudit(transaction, std::move(audit)));
  return transaction.ChangePolicyState(WithActive(before, revision));
}

// Refused, and so recorded.
absl::Status AuditRefusal(const Dependencies& dependencies, storage::AuditRecord audit,
                          absl::Status fault) {
  audit.outcome = v1::AUDIT_OUTCOME_DENIED;
  audit.reasons = {ReasonOf(fault)};
  const absl::Status audited = dependencies.accounts.Transact(
      [&](storage::Transaction& transaction) { return AppendAudit(transaction, audit); });
  return audited.ok() ? fault : audited;
}

absl::Status Reload(const Dependencies& dependencies, absl::string_view path,
                    const absl::StatusOr<std::string>& text) {
  GATEHOUSE_RETURN_IF_ERROR(text.status());
  const absl::Time now = dependencies.clock.Now();
  const storage::AuditRecord audit = ActivationEvent(
      *dependencies.policies.Get(), absl::StrCat("told to read ", path, " again"), now);
  const TestedPolicy tested = CompileAndTest(*text, path);
  if (const absl::Status fault = ToStatus(tested); !fault.ok()) {
    return AuditRefusal(dependencies, audit, fault);
  }
  dependencies.policy_follower.Expect(tested.policy);
  int64_t position = 0;
  GATEHOUSE_RETURN_IF_ERROR(dependencies.accounts.TransactRevoking(
      [&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                                   transaction.ReadPolicyState());
        position = 0;
        if (state.active == tested.policy->revision().ToString()) return absl::OkStatus();
        GATEHOUSE_ASSIGN_OR_RETURN(position, PutInForce(transaction, *tested.policy, state, audit));
        return absl::OkStatus();
      }));
  return dependencies.revocation_reader.CatchUp(position, now + kReloadTime).status();
}

}  // namespace

storage::PolicyStateRecord WithActive(storage::PolicyStateRecord state, absl::string_view active) {
  if (state.shadow == active) {
    state.shadow.clear();
    state.shadow_since.reset();
  }
  state.active = std::string(active);
  return state;
}

absl::StatusOr<PolicyPtr> PolicyInForce(storage::AccountStore& accounts,
                                        const absl::StatusOr<PolicyPtr>& from_file,
                                        absl::Time now) {
  storage::PolicyRevisionRecord stored;
  GATEHOUSE_RETURN_IF_ERROR(
      accounts.TransactRevoking([&](storage::Transaction& transaction) -> absl::Status {
        stored = {};
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                                   transaction.ReadPolicyState());
        if (state.active.empty()) {
          GATEHOUSE_RETURN_IF_ERROR(from_file.status());
          const policy::Policy& first = **from_file;
          return PutInForce(transaction, first, state,
                            ActivationEvent(first, "given at the server's first start", now))
              .status();
        }
        GATEHOUSE_ASSIGN_OR_RETURN(stored, transaction.FindPolicyRevision(state.active));
        return absl::OkStatus();
      }));
  const bool is_from_file =
      from_file.ok() && (stored.revision.empty() || stored.text == (*from_file)->text());
  return is_from_file ? from_file : CompileRevision(stored);
}

void ReloadPolicy(const Dependencies& dependencies, absl::string_view path,
                  const absl::StatusOr<std::string>& text) {
  const absl::Status outcome = Reload(dependencies, path, text);
  const std::string revision = dependencies.policies.Get()->revision().ToString();
  if (outcome.ok()) {
    dependencies.log.Info("policy_reloaded", {{"file", path}, {"revision", revision}});
  } else {
    dependencies.log.Error(
        "policy_reload_failed",
        {{"file", path}, {"still_in_force", revision}, {"cause", outcome.message()}});
  }
  dependencies.policy_follower.NoteReload({.time = dependencies.clock.Now(), .outcome = outcome});
}

}  // namespace gatehouse::server
