// Any rules compile to a policy that can be tested and asked, or to errors that can be shown. A
// policy decides alike when it is read, printed by protobuf and compiled again; lacks nothing of
// itself; and allows an action at the instant from which it says that waiting is enough.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "google/protobuf/text_format.h"

#include "policy/analysis/answers.h"
#include "policy/policy.h"
#include "policy/policy_source.h"
#include "policy/recording.h"
#include "policy/upgrade.h"
#include "tests/policy/analysis/random_policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

std::shared_ptr<const Policy> PrintedAndCompiledAgain(const std::string& text) {
  PolicySource source(text, "fuzzed");
  Require(source.Read());
  std::string printed;
  Require(google::protobuf::TextFormat::PrintToString(source.proto(), &printed));
  return Policy::Compile(printed, "printed").policy;
}

void CheckDecision(const Policy& policy, const Policy& printed, Action::Value action,
                   const Facts& facts) {
  const Decision decision = policy.Decide(action, facts);
  Require(policy.Allows(action, facts) == decision.allowed);
  Require(decision.allowed == (decision.permitted && decision.violations.empty()));
  const Decision again = printed.Decide(action, facts);
  Require(again.allowed == decision.allowed && analysis::AnswerAlike(again, decision));
  Require(again.eligible_time == decision.eligible_time);
  if (!decision.eligible_time.has_value()) return;
  Facts later = Copy(facts);
  later.Set(Fact::kNow, *decision.eligible_time);
  Require(!decision.allowed && policy.Allows(action, later));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = PolicyText(absl::string_view(reinterpret_cast<const char*>(data), size));
  const CompileResult result = Policy::Compile(text, "fuzzed");
  Require((result.policy == nullptr) == HasErrors(result.problems));
  for (const Problem& problem : result.problems) {
    Require(problem.line != 0 && problem.column != 0 && !problem.message.empty());
    problem.ToString();
  }
  Require(UpgradeText(text, text, "itself", NewRules::kAdd).text == text);
  if (result.policy == nullptr) return 0;
  result.policy->RunTests();
  const auto printed = PrintedAndCompiledAgain(text);
  Require(printed != nullptr);
  analysis::RandomPolicies random(static_cast<uint32_t>(size));
  for (int i = 0; i < 8; ++i) {
    const Facts facts = i == 0 ? Facts() : random.MakeFacts();
    for (const Action::Value action : {Action::SIGN_IN, Action::GET_ACCOUNT}) {
      CheckDecision(*result.policy, *printed, action, facts);
    }
  }
  return 0;
}

}  // namespace gatehouse::policy
