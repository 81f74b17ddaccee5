// Facts for which a diagram is true, or the certainty that there are none.
//
// Takes paths through the diagram, and whenever the answers on one contradict each other, learns
// the contradiction, until a path without is left, or none. Not thread-safe; the atoms and the
// store outlive it.

#ifndef GATEHOUSE_POLICY_ANALYSIS_CASE_FINDER_H_
#define GATEHOUSE_POLICY_ANALYSIS_CASE_FINDER_H_

#include <optional>
#include <vector>

#include "policy/analysis/atoms.h"
#include "policy/analysis/diagram.h"
#include "policy/analysis/theory.h"
#include "policy/facts.h"

namespace gatehouse::policy::analysis {

class CaseFinder {
 public:
  CaseFinder(const AtomTable& atoms, DiagramStore& diagrams)
      : atoms_(atoms), diagrams_(diagrams), theory_(atoms) {}

  // Answers that facts can give, and for which a diagram of true and false is true. Nothing if
  // there are none, or if the store is exhausted.
  std::optional<Answers> Find(Diagram diagram);

  // Facts that give these answers, but for what opaque atoms ask.
  Facts MakeFacts(const Answers& answers) const { return theory_.MakeFacts(answers); }

  // True for all combinations that facts can have, false for those that were learnt to be
  // impossible.
  Diagram possible() const { return possible_; }

 private:
  const std::vector<uint32_t>& PreferredValues(Variable variable);

  const AtomTable& atoms_;
  DiagramStore& diagrams_;
  Theory theory_;
  Diagram possible_ = kTrue;
  std::vector<std::vector<uint32_t>> preferred_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_CASE_FINDER_H_
