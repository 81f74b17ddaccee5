#include "policy/policy.h"

#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"

#include "policy/compiler.h"
#include "policy/explain.h"
#include "policy/policy_source.h"
#include "policy/policy_test_runner.h"
#include "policy/rule_set.h"

namespace gatehouse::policy {
namespace {

// Beyond this a text is no policy that anybody wrote: forty times the shipped one.
constexpr size_t kLongestText = 4 << 20;

}  // namespace

Policy::Policy(std::unique_ptr<const RuleSet> rules) : rules_(std::move(rules)) {}
Policy::~Policy() = default;

CompileResult Policy::Compile(absl::string_view text, absl::string_view file_name) {
  CompileResult result;
  if (text.size() > kLongestText) {
    PolicySource source("", file_name);
    source.Error({}, absl::StrCat("longer than ", kLongestText, " bytes"));
    result.problems = source.TakeProblems();
    return result;
  }
  PolicySource source(text, file_name);
  std::unique_ptr<const RuleSet> rules = source.Read() ? CompileRules(source) : nullptr;
  result.problems = source.TakeProblems();
  if (rules != nullptr) result.policy.reset(new Policy(std::move(rules)));
  return result;
}

Decision Policy::Decide(Action::Value action, const Facts& facts) const {
  Decision decision;
  decision.allowed = rules_->Judge(action, facts.slots(), &decision.obligations);
  if (!decision.allowed) return ExplainRefusal(*rules_, action, facts.slots());
  decision.permitted = true;
  decision.policy_revision = rules_->revision;
  return decision;
}

bool Policy::Allows(Action::Value action, const Facts& facts) const {
  return rules_->Judge(action, facts.slots(), nullptr);
}

bool Policy::AsksFor(Action::Value action, Fact fact) const {
  const ActionRules* rules = rules_->RulesFor(action);
  return rules != nullptr && rules->facts.test(static_cast<size_t>(fact));
}

int64_t Policy::Int(Parameter parameter) const {
  const auto index = static_cast<size_t>(parameter);
  assert(AllParameters()[index].type == ParameterType::kInt);
  return rules_->parameters[index];
}

absl::Duration Policy::Duration(Parameter parameter) const {
  const auto index = static_cast<size_t>(parameter);
  assert(AllParameters()[index].type == ParameterType::kDuration);
  return absl::Nanoseconds(rules_->parameters[index]);
}

std::vector<TestResult> Policy::RunTests() const { return RunPolicyTests(*this); }

const Revision& Policy::revision() const { return rules_->revision; }
absl::string_view Policy::name() const { return rules_->name; }
absl::string_view Policy::text() const { return rules_->text; }

}  // namespace gatehouse::policy
