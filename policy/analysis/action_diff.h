// The difference of two policies about one action.
//
// Used by one thread; the policies outlive it.

#ifndef GATEHOUSE_POLICY_ANALYSIS_ACTION_DIFF_H_
#define GATEHOUSE_POLICY_ANALYSIS_ACTION_DIFF_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/analysis/action_cases.h"
#include "policy/analysis/atoms.h"
#include "policy/analysis/case_finder.h"
#include "policy/analysis/diagram.h"
#include "policy/analysis/diff.h"

namespace gatehouse::policy::analysis {

class ActionDiff {
 public:
  ActionDiff(const Policy& before, const Policy& after, Action::Value action, uint64_t budget,
             uint32_t most_conditions);

  // Adds what it finds; what could not be decided is told in `diff.undecided`.
  void AddTo(PolicyDiff& diff);

  uint64_t steps() const { return diagrams_.steps(); }

 private:
  // The cases of one kind, and how they are spoken of.
  struct Cases {
    Change change = Change::kAlters;
    bool loosens = false;
    Diagram cases = kFalse;
    // Of which of them the condition is told, and how that is called.
    Diagram among = kTrue;
    std::string among_text;
    // What is told besides: "obliged to CHANGE_PASSWORD no more".
    std::string remark;
  };

  std::vector<Cases> FindCases();
  Diagram NeededByBoth();
  void AddObligations(std::vector<Cases>& all);
  void AddRefusals(std::vector<Cases>& all);
  Diagram Obliged(const ActionRules* rules, const ActionCases& cases, RequiredAction::Value action);
  // False if the store was exhausted before it was certain whether there is such a case.
  bool Tell(const Cases& cases, PolicyDiff& diff);
  void TellCubes(const Cases& cases, const std::vector<Cube>& cubes, PolicyDiff& diff);
  Difference MakeDifference(const Cases& cases, std::string condition, const Answers& answers);
  std::string ConditionText(const Cases& cases, const Cube& cube);
  // Whether deciding shows the change.
  bool IsShown(const Cases& cases, const Facts& facts) const;

  const Policy& before_;
  const Policy& after_;
  Action::Value action_;
  uint64_t budget_for_telling_;
  uint32_t most_conditions_;
  AtomTable atoms_;
  DiagramStore diagrams_;
  CaseFinder finder_;
  ActionCases cases_before_;
  ActionCases cases_after_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_ACTION_DIFF_H_
