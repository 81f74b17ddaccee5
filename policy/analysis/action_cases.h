// The rules about one action as diagrams: in which cases somebody is permitted, what stands against
// it, what is obliged to, and when it is allowed.
//
// Follows RuleSet::Judge and Explain. Plain data; the numbers belong to the reader's store.

#ifndef GATEHOUSE_POLICY_ANALYSIS_ACTION_CASES_H_
#define GATEHOUSE_POLICY_ANALYSIS_ACTION_CASES_H_

#include <string>
#include <vector>

#include "policy/analysis/diagram.h"
#include "policy/analysis/expression_reader.h"
#include "policy/rule_set.h"

namespace gatehouse::policy::analysis {

struct ActionCases {
  // What each rule comes out as, in the order of ActionRules.
  std::vector<Diagram> permits;
  std::vector<Diagram> requires_;
  std::vector<Diagram> obliges;
  // For each of `requires_`, where each of its ways out is open: true and false only.
  std::vector<std::vector<Diagram>> mends;
  // True and false only. Whether the rules before permission let anybody ask, and whether, asked,
  // some permit lets them in.
  Diagram may_ask = kTrue;
  Diagram permitted = kFalse;
  Diagram allowed = kFalse;
};

// `rules` is null for an action without any permit: it is never allowed.
ActionCases ReadAction(const ActionRules* rules, ExpressionReader& reader, DiagramStore& diagrams);

// Equal for rules that decide and answer alike, rule by rule.
std::string MeaningOf(const ActionRules* rules);

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_ACTION_CASES_H_
