// Values as far as they can be told apart without knowing the facts: a value in each of a few
// cases.
//
// What an expression reader compares. Not thread-safe; the table and the store outlive it.

#ifndef GATEHOUSE_POLICY_ANALYSIS_SYMBOLIC_VALUE_H_
#define GATEHOUSE_POLICY_ANALYSIS_SYMBOLIC_VALUE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

#include "policy/analysis/atoms.h"
#include "policy/analysis/diagram.h"
#include "policy/cel/function.h"
#include "policy/cel/value.h"
#include "policy/facts.h"
#include "policy/time_flips.h"

namespace gatehouse::policy::analysis {

struct SymbolicValue {
  enum class Kind : uint8_t {
    kConstant,  // constant, known
    kFailure,   // constant is unknown or an error
    kText,      // of plus; none of the texts that the table knows
    kNumber,    // plus - minus + offset: a whole number, an instant or a duration
    kLevel,     // of plus: a number with a fraction
    kSize,      // of the list plus
  };
  Kind kind = Kind::kConstant;
  cel::Value constant = {};
  std::optional<Fact> plus = std::nullopt;
  std::optional<Fact> minus = std::nullopt;
  Nanoseconds offset = 0;
};

// The guards exclude each other, and one of them is always true. They are never unknown.
struct Case {
  Diagram guard = kTrue;
  SymbolicValue value;
};
using Cases = std::vector<Case>;

class ValueReader {
 public:
  ValueReader(AtomTable& atoms, DiagramStore& diagrams) : atoms_(atoms), diagrams_(diagrams) {}

  // The cases of a fact; nothing for lists.
  std::optional<Cases> OfFact(Fact fact);
  Cases OfConstant(const cel::Value& value);
  // Its size, if it is known.
  Cases OfSize(Fact list);
  // The element at a place that may be beyond the end.
  Cases OfElement(Fact list, int64_t position);

  // What `left function right` comes out as; nothing if some case cannot be interpreted.
  std::optional<Diagram> Compare(cel::Function function, const Cases& left, const Cases& right);
  // left + right, or left - right.
  std::optional<Cases> Add(const Cases& left, const Cases& right, bool subtract);

  // True where the variable has one of the values. Means nothing while the table is being filled.
  Diagram Has(Variable variable, absl::Span<const uint32_t> values);
  Diagram Has(Variable variable, uint32_t value) { return Has(variable, {&value, 1}); }
  // True where a fact is neither unknown nor absent.
  Diagram IsKnown(Fact fact);
  // `then` where the fact is known; unknown, or failed where it is absent.
  Diagram IfKnown(Fact fact, Diagram then);
  // True where the size is at least so much; the list is known.
  Diagram SizeIsAtLeast(Fact list, int64_t size);

 private:
  std::optional<Diagram> CompareValues(cel::Function function, const SymbolicValue& left,
                                       const SymbolicValue& right);
  std::optional<Diagram> CompareTexts(cel::Function function, const SymbolicValue& left,
                                      const SymbolicValue& right);
  std::optional<Diagram> CompareNumbers(cel::Function function, const SymbolicValue& left,
                                        const SymbolicValue& right);
  std::optional<Diagram> CompareLevels(cel::Function function, const SymbolicValue& left,
                                       const SymbolicValue& right);
  std::optional<SymbolicValue> AddValues(const SymbolicValue& left, const SymbolicValue& right,
                                         bool subtract);
  // True where fact - other is at least so much; both are known.
  Diagram IsAtLeast(Fact fact, std::optional<Fact> other, Nanoseconds bound);
  Diagram Above(Variable variable, absl::Span<const Nanoseconds> bounds, Nanoseconds bound);
  // Of the grants of somebody: the highest rank is this one or higher.
  Diagram RankIsAtLeast(Fact roles, int rank);
  Cases OfRank(Fact roles);
  // `known` where it is known, failures elsewhere.
  Cases WithFailures(Fact fact, Cases known);

  AtomTable& atoms_;
  DiagramStore& diagrams_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_SYMBOLIC_VALUE_H_
