#include "server/operations/call/messages.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/policies/named_policy.h"
#include "server/operations/policy_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

constexpr int64_t kLongestRevision = 64;

void FillShadow(const DecisionJournal& journal, const storage::PolicyStateRecord& state,
                v1::PolicyServerStatus& server) {
  const PolicyPtr candidate = journal.shadow();
  if (candidate == nullptr) return;
  const DecisionJournal::ShadowCounts counts = journal.shadow_counts();
  v1::PolicyShadow& shadow = *server.mutable_shadow();
  shadow.set_revision(candidate->revision().ToString());
  if (state.shadow_since.has_value()) {
    *shadow.mutable_start_time() = ToTimestamp(*state.shadow_since);
  }
  shadow.set_decisions(counts.decisions);
  shadow.set_widens(counts.widens);
  shadow.set_narrows(counts.narrows);
  shadow.set_alters(counts.alters);
}

void FillDecisionLog(const DecisionJournal& journal, v1::PolicyServerStatus& server) {
  const DecisionJournal::Counts counts = journal.counts();
  v1::PolicyDecisionLog& log = *server.mutable_decision_log();
  log.set_recorded(counts.recorded);
  log.set_kept(counts.kept);
  log.set_dropped(counts.dropped);
  if (counts.oldest.has_value()) *log.mutable_oldest_time() = ToTimestamp(*counts.oldest);
}

void FillReload(const PolicyFollower& follower, v1::PolicyServerStatus& server) {
  const auto last = follower.last_reload();
  if (!last.has_value()) return;
  v1::PolicyReload& reload = *server.mutable_last_reload();
  *reload.mutable_time() = ToTimestamp(last->time);
  reload.set_succeeded(last->outcome.ok());
  reload.set_message(std::string(last->outcome.message()));
}

}  // namespace

absl::StatusOr<v1::GetPolicyResponse> GetPolicy(const Dependencies& dependencies,
                                                const CallContext& call,
                                                const v1::GetPolicyRequest& request) {
  const auto policy = dependencies.policies.Get();
  RequestCheck check(*policy);
  check.Text("revision", request.revision(), kLongestRevision, Presence::kOptional);
  GATEHOUSE_RETURN_IF_ERROR(check.status());

  v1::GetPolicyResponse response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::GET_POLICY, [&](Scope& scope) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                                   scope.transaction().ReadPolicyState());
        GATEHOUSE_ASSIGN_OR_RETURN(
            const storage::PolicyRevisionRecord revision,
            FindRevision(scope.transaction(),
                         request.revision().empty() ? state.active : request.revision()));
        response.Clear();
        *response.mutable_policy() = ToMessage(revision, state.active);
        response.set_text(revision.text);
        v1::PolicyServerStatus& server = *response.mutable_server();
        server.set_revision(dependencies.policies.Get()->revision().ToString());
        FillShadow(dependencies.decision_journal, state, server);
        FillDecisionLog(dependencies.decision_journal, server);
        FillReload(dependencies.policy_follower, server);
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace gatehouse::server
