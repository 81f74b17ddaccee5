#include <string>

#include "absl/strings/str_cat.h"

#include "policy/suppose.h"
#include "policy/vocabulary.h"
#include "server/operations/call/decisions.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/facts/policy_facts.h"
#include "server/operations/facts/recognition.h"
#include "server/operations/policies/named_policy.h"
#include "server/operations/policy_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using policy::Fact;
using Request = v1::ExplainDecisionRequest;

absl::Status Suppose(const Request& request, policy::Facts& facts, RequestCheck* check) {
  for (int i = 0; i < request.facts_size(); ++i) {
    const v1::SupposedFact& given = request.facts(i);
    const absl::Status status = policy::Suppose(given.name(), given.value(), facts);
    if (status.ok()) continue;
    if (check == nullptr) return status;
    check->Fault(absl::StrCat("facts[", i, "]"), status.message());
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.EnumValue("action", request.action(), Presence::kRequired);
  policy::Facts scratch;
  GATEHOUSE_RETURN_IF_ERROR(Suppose(request, scratch, &check));
  if (request.has_as_of_time()) check.Instant("as_of_time", request.as_of_time());
  CheckSource("policy", request.policy(), Presence::kOptional, check);
  check.Id("account_id", request.account_id(), Presence::kOptional);
  check.Id("actor_account_id", request.actor_account_id(), Presence::kOptional);
  return check.status();
}

// The account, if whoever asks may read it.
absl::StatusOr<storage::AccountRecord> FindReadable(Scope& scope, const std::string& account_id) {
  GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord account, scope.FindAccount(account_id));
  GATEHOUSE_ASSIGN_OR_RETURN(const policy::Facts facts,
                             scope.FactsAbout(account, policy::Action::GET_ACCOUNT));
  if (scope.policy().Allows(policy::Action::GET_ACCOUNT, facts)) return account;
  return scope.Refuse(scope.policy().Decide(policy::Action::GET_ACCOUNT, facts));
}

// What is known of whom the request names; nothing where it names nobody.
absl::StatusOr<policy::Facts> FactsOf(Scope& scope, const Request& request, absl::Time as_of) {
  const bool of_somebody = !request.account_id().empty() || !request.actor_account_id().empty();
  policy::Facts facts = of_somebody ? FactsOfCall(scope.call()) : policy::Facts();
  if (of_somebody) facts.Set(Fact::kRequestHypothetical, true);
  facts.Set(Fact::kNow, as_of);
  if (!request.actor_account_id().empty()) {
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord actor,
                               FindReadable(scope, request.actor_account_id()));
    storage::SessionRecord session;
    session.level = v1::SESSION_LEVEL_FULL;
    SetActorFacts(facts, actor, session);
  }
  if (!request.account_id().empty()) {
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord account,
                               FindReadable(scope, request.account_id()));
    GATEHOUSE_RETURN_IF_ERROR(
        SetAccountFacts(facts, scope.transaction(), account, scope.policy(), as_of));
    GATEHOUSE_ASSIGN_OR_RETURN(const storage::RecognitionRecord standing,
                               RecognitionAt(scope.transaction(), account, scope.policy(), as_of));
    SetRecognitionFacts(facts, standing);
    facts.Set(Fact::kSelf, request.account_id() == request.actor_account_id());
  }
  return facts;
}

}  // namespace

absl::StatusOr<v1::ExplainDecisionResponse> ExplainDecision(const Dependencies& dependencies,
                                                            const CallContext& call,
                                                            const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));
  const absl::Time as_of =
      request.has_as_of_time() ? FromTimestamp(request.as_of_time()) : call.now;
  std::string text(policy->text());
  policy::Facts facts;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::EXPLAIN_DECISION,
      [&](Scope& scope) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
        if (request.has_policy()) {
          GATEHOUSE_ASSIGN_OR_RETURN(text, ReadText(scope.transaction(), request.policy()));
        }
        GATEHOUSE_ASSIGN_OR_RETURN(facts, FactsOf(scope, request, as_of));
        return Suppose(request, facts, nullptr);
      }));
  GATEHOUSE_ASSIGN_OR_RETURN(const PolicyPtr judge, Compile(text, policy));

  const auto action = static_cast<policy::Action::Value>(request.action());
  const policy::Decision decision = judge->Decide(action, facts);
  v1::ExplainDecisionResponse response;
  *response.mutable_decision() = ToMessage(decision);
  response.set_explanation(Explain(action, decision));
  return response;
}

}  // namespace gatehouse::server
