// What greys a console's buttons, and says why: the same decisions that the operations make, on the
// same facts, with whatever a request would bring taken as given.

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "policy/suppose.h"
#include "server/operations/account_operations.h"
#include "server/operations/call/decisions.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/facts/policy_facts.h"
#include "server/operations/facts/recognition.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Action;
using policy::Fact;
using Results = google::protobuf::RepeatedPtrField<v1::Eligibility>;

// What can be done to an account: asked about where a request names no actions.
constexpr std::array kActionsOnAccounts = {v1::ACTION_GET_ACCOUNT,
                                           v1::ACTION_UPDATE_PROFILE,
                                           v1::ACTION_RESECURE_ACCOUNT,
                                           v1::ACTION_RESET_PASSWORD,
                                           v1::ACTION_UNLOCK_ACCOUNT,
                                           v1::ACTION_DISABLE_ACCOUNT,
                                           v1::ACTION_ENABLE_ACCOUNT,
                                           v1::ACTION_DELETE_ACCOUNT,
                                           v1::ACTION_RESTORE_ACCOUNT,
                                           v1::ACTION_MARK_LEAVER,
                                           v1::ACTION_LIST_SESSIONS,
                                           v1::ACTION_REVOKE_ALL_SESSIONS,
                                           v1::ACTION_GET_ACCOUNT_TIMELINE,
                                           v1::ACTION_START_IDENTITY_VERIFICATION,
                                           v1::ACTION_LIST_AUTHENTICATION_METHODS,
                                           v1::ACTION_RESET_AUTHENTICATION_METHODS};

template <typename Request>
std::vector<int> ActionsOf(const Request& request) {
  if (request.actions_size() == 0) return {kActionsOnAccounts.begin(), kActionsOnAccounts.end()};
  return {request.actions().begin(), request.actions().end()};
}

// One answer may not grow beyond all bounds: accounts times actions.
constexpr int64_t kMostDecisions = 10'000;

template <typename Request>
absl::Status CheckFields(const Request& request, int accounts, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Count("account_ids", accounts, 1, policy.Int(policy::Parameter::kPageMaxSize));
  check.Count("actions", request.actions_size(), 0, v1::Action_ARRAYSIZE);
  for (int i = 0; i < request.actions_size(); ++i) {
    check.EnumValue(absl::StrCat("actions[", i, "]"), request.actions(i), Presence::kRequired);
  }
  if (int64_t{accounts} * static_cast<int64_t>(ActionsOf(request).size()) > kMostDecisions) {
    check.Fault("actions", absl::StrCat("more than ", kMostDecisions, " decisions are asked for"));
  }
  if (request.has_as_of_time()) check.Instant("as_of_time", request.as_of_time());
  policy::Facts scratch;
  for (int i = 0; i < request.suppose_size(); ++i) {
    const v1::SupposedFact& supposed = request.suppose(i);
    if (const absl::Status status = policy::Suppose(supposed.name(), supposed.value(), scratch);
        !status.ok()) {
      check.Fault(absl::StrCat("suppose[", i, "]"), status.message());
    }
  }
  return check.status();
}

// The facts about one account at the instant asked for, as far as they are not supposed otherwise.
template <typename Request>
absl::StatusOr<policy::Facts> SupposedFacts(Scope& scope, const Request& request,
                                            const storage::AccountRecord& account) {
  policy::Facts facts = scope.Facts();
  const absl::Time as_of =
      request.has_as_of_time() ? FromTimestamp(request.as_of_time()) : scope.call().now;
  GATEHOUSE_RETURN_IF_ERROR(
      SetAccountFacts(facts, scope.transaction(), account, scope.policy(), as_of));
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::RecognitionRecord standing,
                             RecognitionAt(scope.transaction(), account, scope.policy(), as_of));
  SetRecognitionFacts(facts, standing);
  facts.Set(Fact::kNow, as_of);
  facts.Set(Fact::kSelf, scope.actor().id == account.id);
  facts.Set(Fact::kRequestHypothetical, true);
  for (const v1::SupposedFact& supposed : request.suppose()) {
    GATEHOUSE_RETURN_IF_ERROR(policy::Suppose(supposed.name(), supposed.value(), facts));
  }
  return facts;
}

template <typename Request>
absl::Status AddDecisions(Scope& scope, const Request& request,
                          const storage::AccountRecord& account, Results& results) {
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Facts facts, SupposedFacts(scope, request, account));
  for (const int action : ActionsOf(request)) {
    v1::Eligibility& result = *results.Add();
    result.set_account_id(account.id.value());
    result.set_action(static_cast<v1::Action>(action));
    *result.mutable_decision() =
        ToMessage(scope.policy().Decide(static_cast<Action::Value>(action), facts));
  }
  return absl::OkStatus();
}

// Whether the account may be read at all. One that may not is as one that is not there.
absl::StatusOr<storage::AccountRecord> FindReadable(Scope& scope, const std::string& account_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord account, scope.FindAccount(account_id));
  GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(account));
  return account;
}

// A decision that tells nothing: refused, and by no rule that could be named.
void AddNotPermitted(const v1::BatchCheckEligibilityRequest& request, const std::string& account_id,
                     const policy::Policy& policy, Results& results) {
  for (const int action : ActionsOf(request)) {
    v1::Eligibility& result = *results.Add();
    result.set_account_id(account_id);
    result.set_action(static_cast<v1::Action>(action));
    policy::Decision decision;
    decision.policy_revision = policy.revision();
    *result.mutable_decision() = ToMessage(decision);
  }
}

}  // namespace

absl::StatusOr<v1::CheckEligibilityResponse> CheckEligibility(
    const Dependencies& dependencies, const CallContext& call,
    const v1::CheckEligibilityRequest& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, 1, *policy));
  v1::CheckEligibilityResponse response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, Action::CHECK_ELIGIBILITY, [&](Scope& scope) -> absl::Status {
        response.Clear();
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord account,
                                   scope.FindAccountOrOwn(request.account_id()));
        GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(account));
        return AddDecisions(scope, request, account, *response.mutable_results());
      }));
  return response;
}

absl::StatusOr<v1::BatchCheckEligibilityResponse> BatchCheckEligibility(
    const Dependencies& dependencies, const CallContext& call,
    const v1::BatchCheckEligibilityRequest& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, request.account_ids_size(), *policy));
  v1::BatchCheckEligibilityResponse response;
  GATEHOUSE_RETURN_IF_ERROR(
      RunQuery(dependencies, call, *policy, Action::BATCH_CHECK_ELIGIBILITY,
               [&](Scope& scope) -> absl::Status {
                 response.Clear();
                 for (const std::string& id : request.account_ids()) {
                   const auto account = FindReadable(scope, id);
                   if (account.ok()) {
                     GATEHOUSE_RETURN_IF_ERROR(
                         AddDecisions(scope, request, *account, *response.mutable_results()));
                   } else if (absl::IsPermissionDenied(account.status())) {
                     AddNotPermitted(request, id, *policy, *response.mutable_results());
                   } else {
                     return account.status();
                   }
                 }
                 return absl::OkStatus();
               }));
  return response;
}

}  // namespace gatehouse::server
