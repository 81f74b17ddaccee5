#include <optional>
#include <string>
#include <utility>

#include "policy/analysis/diff.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/mutation.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/policies/named_policy.h"
#include "server/operations/policies/policy_activation.h"
#include "server/operations/policy_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::ActivatePolicyRequest;
using Response = v1::ActivatePolicyResponse;

constexpr int64_t kLongestDigest = 64;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  CheckSource("policy", request.policy(),
              request.shadow() ? Presence::kOptional : Presence::kRequired, check);
  check.Text("diff_digest", request.diff_digest(), kLongestDigest, Presence::kOptional);
  check.Reason("reason", request.reason(), Presence::kRequired);
  check.Text("expected_active_revision", request.expected_active_revision(), kLongestDigest,
             Presence::kOptional);
  check.RequestId(request.request_id());
  return check.status();
}

// A policy that is to decide, and what stands against it.
struct Candidate {
  PolicyPtr policy;  // null: none, which ends a trial in shadow
  absl::Status fault;
  std::string diff_digest;
};

absl::Status Widens(absl::string_view given) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_POLICY_WIDENS,
               given.empty()
                   ? "the policy allows what is refused now: look at it by DiffPolicies, and give "
                     "the diff's digest if it is what you want"
                   : "the digest is that of another diff: look again by DiffPolicies at what the "
                     "policy allows that is refused now");
}

// Compiles, tests and compares: slow, so outside any transaction.
Candidate Examine(const Request& request, const std::string& text, const PolicyPtr& active) {
  if (text.empty()) return {};
  const TestedPolicy tested = CompileAndTest(text, "policy");
  Candidate candidate{.policy = tested.policy, .fault = ToStatus(tested), .diff_digest = {}};
  if (!candidate.fault.ok() || request.shadow()) return candidate;
  const policy::analysis::PolicyDiff diff = policy::analysis::Diff(*active, *candidate.policy);
  candidate.diff_digest = diff.Digest();
  if (diff.MayWiden() && request.diff_digest() != candidate.diff_digest) {
    candidate.fault = Widens(request.diff_digest());
  }
  return candidate;
}

// What every run of the transaction relies on.
absl::Status CheckActive(const MutationScope& scope, const Request& request,
                         const std::string& active) {
  if (!request.expected_active_revision().empty() && request.expected_active_revision() != active) {
    return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_STALE,
                 "another policy came into force since you looked; look again and decide again");
  }
  // The candidate was compared with the policy by which this call is judged.
  return active == scope.policy().revision().ToString() ? absl::OkStatus() : Conflict();
}

absl::Status Save(MutationScope& scope, const Request& request, const Candidate& candidate,
                  storage::PolicyStateRecord state, Response& answer) {
  storage::PolicyRevisionRecord revision;
  if (candidate.policy != nullptr) {
    revision.revision = candidate.policy->revision().ToString();
    revision.text = std::string(candidate.policy->text());
  }
  if (request.shadow()) {
    state.shadow = revision.revision;
    state.shadow_since =
        candidate.policy == nullptr ? std::nullopt : std::optional(scope.call().now);
  } else {
    revision.activated_at = scope.call().now;
    revision.actor_id = scope.actor().id;
    revision.reason = request.reason();
    revision.diff_digest = candidate.diff_digest;
    state = WithActive(std::move(state), revision.revision);
  }
  if (candidate.policy != nullptr) {
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().SavePolicyRevision(revision));
  }
  *answer.mutable_policy() = ToMessage(revision, state.active);
  return scope.ChangePolicyState(state);
}

}  // namespace

absl::StatusOr<Response> ActivatePolicy(const Dependencies& dependencies, const CallContext& call,
                                        const Request& request) {
  Mutation<Response> mutation(dependencies, call, policy::Action::ACTIVATE_POLICY, request);
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, mutation.policy()));
  GATEHOUSE_ASSIGN_OR_RETURN(std::optional<Response> replay, mutation.Begin());
  if (replay.has_value()) return *std::move(replay);

  const auto decide = [&](MutationScope& scope) {
    scope.SetOrganisation(storage::OrganisationId());  // the system's log
    scope.Tell("reason", request.reason());
    return scope.Decide(scope.Facts());
  };
  std::string text;
  GATEHOUSE_ASSIGN_OR_RETURN(replay, mutation.Preview([&](MutationScope& scope) -> absl::Status {
    GATEHOUSE_RETURN_IF_ERROR(decide(scope));
    if (!request.has_policy()) return absl::OkStatus();
    auto read = ReadText(scope.transaction(), request.policy());
    if (!read.ok()) return scope.Refuse(read.status());
    text = *std::move(read);
    return absl::OkStatus();
  }));
  if (replay.has_value()) return *std::move(replay);
  const Candidate candidate = Examine(request, text, mutation.shared_policy());
  if (candidate.fault.ok()) dependencies.policy_follower.Expect(candidate.policy);

  auto response =
      mutation.CommitRevoking([&](MutationScope& scope, Response& answer) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(decide(scope));
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                                   scope.transaction().ReadPolicyState());
        GATEHOUSE_RETURN_IF_ERROR(CheckActive(scope, request, state.active));
        scope.Tell("before", request.shadow() ? state.shadow : state.active);
        if (candidate.policy != nullptr) {
          scope.Tell("revision", candidate.policy->revision().ToString());
        }
        scope.Tell("shadow", request.shadow() ? "true" : "");
        scope.Tell("diff_digest", candidate.diff_digest);
        if (!candidate.fault.ok()) return scope.Refuse(candidate.fault);
        return Save(scope, request, candidate, state, answer);
      });
  if (response.ok() && mutation.revocation().has_value()) {
    response->set_confirmed_servers(mutation.revocation()->confirmed_servers());
  }
  return response;
}

}  // namespace gatehouse::server
