// Which combinations of answers some facts can give: what decision diagrams do not know of their
// atoms.
//
// Distances of instants and numbers add up; texts that equal a third are equal; whoever holds a
// role somewhere holds it; a list has at least its elements. Everything else about atoms is
// independent. Decides exactly. Keeps a reference to the atoms; const methods are thread-safe.

#ifndef GATEHOUSE_POLICY_ANALYSIS_THEORY_H_
#define GATEHOUSE_POLICY_ANALYSIS_THEORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"

#include "policy/analysis/atoms.h"
#include "policy/analysis/diagram.h"
#include "policy/analysis/differences.h"
#include "policy/facts.h"

namespace gatehouse::policy::analysis {

// A value for each of some atoms.
using Answers = std::vector<std::pair<Variable, uint32_t>>;

// The numbers of a system of differences, named after facts.
class NumberNames {
 public:
  uint32_t Of(Fact fact);
  // Fact i is number i + 1.
  const std::vector<Fact>& facts() const { return facts_; }

  // The bounds that distances answer to. The reason of each is twice its place among the answers,
  // and one more for an upper bound.
  Differences BoundsOf(const AtomTable& atoms, const Answers& answers);

 private:
  std::vector<Fact> facts_;
};

class Theory {
 public:
  explicit Theory(const AtomTable& atoms) : atoms_(atoms) {}

  // Nothing if there are facts that give these answers. Otherwise a cube that the answers lie in
  // and no facts do.
  std::optional<Cube> FindConflict(const Answers& answers) const;

  // Facts that give these answers, which are without conflict, and ordinary ones where nothing is
  // asked. What opaque atoms ask is not heeded.
  Facts MakeFacts(const Answers& answers) const;

 private:
  using Texts = absl::flat_hash_map<Fact, std::string>;
  struct Grants {
    std::vector<std::pair<int, std::string>> held;
  };

  std::optional<Cube> FindConflictOfTexts(const Answers& answers) const;
  std::optional<Cube> FindConflictOfLists(const Answers& answers) const;
  // Without answers that the conflict does not need.
  Cube Minimize(Answers conflict, absl::FunctionRef<bool(const Answers&)> is_possible) const;

  // Texts that facts can have, and the grants that go with them; nothing if there are none.
  std::optional<Texts> SolveTexts(const Answers& answers) const;
  bool CanHoldGrants(const Answers& answers, const Texts& texts) const;
  // The grants of one list; nothing if there are none such.
  std::optional<Grants> SolveGrants(Fact roles, const Answers& answers, const Texts& texts) const;
  // The words of one list; nothing if there are none such.
  std::optional<std::vector<int>> SolveList(Fact list, const Answers& answers) const;

  // Every fact that some atom asks about.
  std::vector<Fact> FactsAsked() const;
  void SetNumbers(const Answers& answers, Facts& facts) const;
  void SetLists(const Answers& answers, const Texts& texts, Facts& facts) const;
  void SetAnswered(const Answers& answers, Facts& facts) const;

  const AtomTable& atoms_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_THEORY_H_
