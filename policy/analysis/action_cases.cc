#include "policy/analysis/action_cases.h"

#include "absl/strings/str_cat.h"

#include "policy/analysis/answers.h"

namespace gatehouse::policy::analysis {
namespace {

Diagram ReadOr(const ConditionPtr& condition, Diagram if_none, ExpressionReader& reader) {
  return condition == nullptr ? if_none : reader.Read(condition->program);
}

// As RequireRule::Evaluate: it holds where it does not apply, and one that cannot be told to apply
// or not is fulfilled only if `that` holds.
Diagram ReadRequire(const RequireRule& rule, ExpressionReader& reader, DiagramStore& diagrams) {
  const Diagram applies = ReadOr(rule.when, kTrue, reader);
  const Diagram holds = ReadOr(rule.that, kTrue, reader);
  const Diagram is_open = diagrams.And(diagrams.Is(applies, kUnknown), diagrams.Is(holds, kFalse));
  const Diagram where_it_applies = diagrams.Choose(is_open, Diagram{kUnknown}, holds);
  return diagrams.Choose(diagrams.Is(applies, kFalse), Diagram{kTrue}, where_it_applies);
}

std::string MeaningOfCondition(const ConditionPtr& condition) {
  if (condition == nullptr) return "true";
  const cel::Program& program = condition->program;
  return MeaningOf(program, program.expression().ast().root());
}

}  // namespace

ActionCases ReadAction(const ActionRules* rules, ExpressionReader& reader, DiagramStore& diagrams) {
  ActionCases cases;
  if (rules == nullptr) return cases;
  for (const PermitRule* rule : rules->permits) {
    cases.permits.push_back(ReadOr(rule->when, kTrue, reader));
    cases.permitted = diagrams.Or(cases.permitted, diagrams.Is(cases.permits.back(), kTrue));
  }
  cases.allowed = cases.permitted;
  for (const RequireRule* rule : rules->requires_) {
    cases.requires_.push_back(ReadRequire(*rule, reader, diagrams));
    const Diagram fulfilled = diagrams.Is(cases.requires_.back(), kTrue);
    cases.allowed = diagrams.And(cases.allowed, fulfilled);
    if (rule->before_permission) cases.may_ask = diagrams.And(cases.may_ask, fulfilled);
    std::vector<Diagram>& mends = cases.mends.emplace_back();
    for (const MendRule& mend : rule->mends) {
      mends.push_back(diagrams.Is(ReadOr(mend.when, kTrue, reader), kTrue));
    }
  }
  for (const ObligeRule* rule : rules->obliges) {
    cases.obliges.push_back(ReadOr(rule->when, kTrue, reader));
    cases.allowed = diagrams.Without(cases.allowed, diagrams.Is(cases.obliges.back(), kUnknown));
  }
  return cases;
}

std::string MeaningOf(const ActionRules* rules) {
  if (rules == nullptr) return "never";
  std::string meaning;
  for (const PermitRule* rule : rules->permits) {
    absl::StrAppend(&meaning, "permit\n", MeaningOfCondition(rule->when), "\n");
  }
  for (const RequireRule* rule : rules->requires_) {
    absl::StrAppend(&meaning, "require\n", MeaningOfCondition(rule->when), "\n",
                    MeaningOfCondition(rule->that), "\n", AnswerOf(*rule), "\n");
    for (const MendRule& mend : rule->mends) {
      absl::StrAppend(&meaning, MeaningOfCondition(mend.when), "\n");
    }
  }
  for (const ObligeRule* rule : rules->obliges) {
    absl::StrAppend(&meaning, "oblige ", rule->action, "\n", MeaningOfCondition(rule->when), "\n");
  }
  return meaning;
}

}  // namespace gatehouse::policy::analysis
