// In which cases two policies that both refuse give other answers.
//
// What a refusal tells is a sequence of violations, each of which is told in some cases; two such
// sequences are compared as a whole, so that a rule that moved, or was split in two, changes
// nothing unless what people are told changes. Used by one thread.

#ifndef GATEHOUSE_POLICY_ANALYSIS_REFUSAL_DIFF_H_
#define GATEHOUSE_POLICY_ANALYSIS_REFUSAL_DIFF_H_

#include <string>
#include <vector>

#include "policy/analysis/action_cases.h"
#include "policy/analysis/atoms.h"
#include "policy/analysis/diagram.h"
#include "policy/rule_set.h"

namespace gatehouse::policy::analysis {

class RefusalDiff {
 public:
  RefusalDiff(AtomTable& atoms, DiagramStore& diagrams) : atoms_(atoms), diagrams_(diagrams) {}

  // True where both refuse and the answers differ. The rules may be null.
  Diagram Compare(const ActionRules* rules_before, const ActionCases& before,
                  const ActionRules* rules_after, const ActionCases& after);

 private:
  // Something that is told in some cases.
  struct Told {
    Diagram where = kFalse;
    std::string words;           // of a violation; empty if facts are missing
    std::vector<Diagram> mends;  // of a violation: where each is open
    std::vector<Fact> may_miss;  // those of them that are unknown are named, if facts are missing

    friend bool operator==(const Told&, const Told&) = default;
  };
  using Sequence = std::vector<Told>;

  Sequence Read(const ActionRules* rules, const ActionCases& cases);
  // True where both sequences tell the same.
  Diagram Same(Sequence before, Sequence after);
  Diagram SameOne(const Told& before, const Told& after);
  Diagram IsUnknown(Fact fact);

  AtomTable& atoms_;
  DiagramStore& diagrams_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_REFUSAL_DIFF_H_
