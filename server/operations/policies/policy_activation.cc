#include "server/operations/policies/policy_activation.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "server/operations/call/audit_trail.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

// As the calling service of what the server does by itself, and of what is done by hand.
constexpr char kCaller[] = "server";
constexpr char kByHand[] = "policy-activate";
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

// Whether another policy has come into force since this one was.
absl::StatusOr<bool> WasReplaced(storage::Transaction& transaction, const std::string& revision,
                                 const std::string& active) {
  if (active == revision) return false;
  const absl::StatusOr<storage::PolicyRevisionRecord> known =
      transaction.FindPolicyRevision(revision);
  if (absl::IsNotFound(known.status())) return false;
  GATEHOUSE_RETURN_IF_ERROR(known.status());
  return known->activated_at.has_value();
}

// What came of a good file: where in the revocation log it came into force, or what stays in force.
struct Reloaded {
  int64_t position = 0;
  std::string kept;
};

absl::StatusOr<Reloaded> PutFileInForce(const Dependencies& dependencies,
                                        const policy::Policy& policy, bool is_unchanged,
                                        const storage::AuditRecord& audit) {
  const std::string revision = policy.revision().ToString();
  Reloaded reloaded;
  GATEHOUSE_RETURN_IF_ERROR(dependencies.accounts.TransactRevoking(
      [&](storage::Transaction& transaction) -> absl::Status {
        reloaded = {};
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                                   transaction.ReadPolicyState());
        if (state.active == revision) return absl::OkStatus();
        if (is_unchanged) {
          GATEHOUSE_ASSIGN_OR_RETURN(const bool was_replaced,
                                     WasReplaced(transaction, revision, state.active));
          if (was_replaced) {
            reloaded.kept = state.active;
            return absl::OkStatus();
          }
        }
        GATEHOUSE_ASSIGN_OR_RETURN(reloaded.position,
                                   PutInForce(transaction, policy, state, audit));
        return absl::OkStatus();
      }));
  return reloaded;
}

absl::StatusOr<Reloaded> Reload(const Dependencies& dependencies, PolicyFile& file,
                                const absl::StatusOr<std::string>& text) {
  GATEHOUSE_RETURN_IF_ERROR(text.status());
  const absl::Time now = dependencies.clock.Now();
  const storage::AuditRecord audit = ActivationEvent(
      *dependencies.policies.Get(), absl::StrCat("told to read ", file.path, " again"), now);
  const TestedPolicy tested = CompileAndTest(*text, file.path);
  if (const absl::Status fault = ToStatus(tested); !fault.ok()) {
    return AuditRefusal(dependencies, audit, fault);
  }
  dependencies.policy_follower.Expect(tested.policy);
  const std::string revision = tested.policy->revision().ToString();
  GATEHOUSE_ASSIGN_OR_RETURN(Reloaded reloaded, PutFileInForce(dependencies, *tested.policy,
                                                               file.last_read == revision, audit));
  file.last_read = revision;
  if (!reloaded.kept.empty()) return reloaded;
  GATEHOUSE_ASSIGN_OR_RETURN(
      const RevocationConfirmation confirmation,
      dependencies.revocation_reader.CatchUp(reloaded.position, now + kReloadTime));
  if (confirmation.confirmed_servers == 0) {
    return absl::UnavailableError("the policy is stored, and not yet in force here");
  }
  return reloaded;
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

absl::StatusOr<storage::PolicyRevisionRecord> RevisionInForce(storage::AccountStore& accounts) {
  storage::PolicyRevisionRecord stored;
  GATEHOUSE_RETURN_IF_ERROR(accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                               transaction.ReadPolicyState());
    if (state.active.empty()) return absl::NotFoundError("no policy is in force yet");
    GATEHOUSE_ASSIGN_OR_RETURN(stored, transaction.FindPolicyRevision(state.active));
    return absl::OkStatus();
  }));
  return stored;
}

absl::StatusOr<std::string> PutInForceByHand(storage::AccountStore& accounts,
                                             const policy::Policy& policy, absl::string_view reason,
                                             absl::Time now) {
  storage::AuditRecord audit = ActivationEvent(policy, reason, now);
  audit.caller = kByHand;
  std::string before;
  GATEHOUSE_RETURN_IF_ERROR(
      accounts.TransactRevoking([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                                   transaction.ReadPolicyState());
        before = state.active;
        if (before == policy.revision().ToString()) return absl::OkStatus();
        return PutInForce(transaction, policy, state, audit).status();
      }));
  return before;
}

void ReloadPolicy(const Dependencies& dependencies, PolicyFile& file,
                  const absl::StatusOr<std::string>& text) {
  const absl::StatusOr<Reloaded> reloaded = Reload(dependencies, file, text);
  if (reloaded.ok() && !reloaded->kept.empty()) {
    return dependencies.log.Info(
        "policy_file_not_in_force",
        {{"in_force", reloaded->kept},
         {"file", file.last_read},
         {"way_out", "it has not changed; ActivatePolicy puts it in force"}});
  }
  const std::string revision = dependencies.policies.Get()->revision().ToString();
  if (reloaded.ok()) {
    dependencies.log.Info("policy_reloaded", {{"file", file.path}, {"revision", revision}});
  } else {
    dependencies.log.Error("policy_reload_failed", {{"file", file.path},
                                                    {"still_in_force", revision},
                                                    {"cause", reloaded.status().message()}});
  }
  dependencies.policy_follower.NoteReload(
      {.time = dependencies.clock.Now(), .outcome = reloaded.status()});
}

}  // namespace gatehouse::server
