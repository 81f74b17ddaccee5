// Decision diagrams: functions of many variables, each with a few values, to what an expression can
// come out as.
//
// A diagram is a number that names a node of its store. Equal functions have equal numbers, so
// comparing two is free, and a diagram is as small as its function is simple, however many
// combinations the function speaks of. Variables are ordered as they were added; those that belong
// together should be added together.
//
// A store counts its steps. Once its budget is spent it is exhausted(), all further answers mean
// nothing, and the caller has to say that it could not decide. So equal work ends equally on every
// machine. Owns all nodes; not thread-safe.

#ifndef GATEHOUSE_POLICY_ANALYSIS_DIAGRAM_H_
#define GATEHOUSE_POLICY_ANALYSIS_DIAGRAM_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/types/span.h"

namespace gatehouse::policy::analysis {

using Diagram = uint32_t;
using Variable = uint32_t;

// What a condition can come out as. The first four diagrams of a store are these, as constants.
enum Truth : Diagram { kFalse = 0, kTrue = 1, kUnknown = 2, kFailed = 3 };

// A variable with the values that it may have, ascending.
struct Literal {
  Variable variable = 0;
  std::vector<uint32_t> values;

  friend bool operator==(const Literal&, const Literal&) = default;
};
// All of its literals hold; no variable appears twice.
using Cube = std::vector<Literal>;

class DiagramStore {
 public:
  // Steps are values of variables looked at.
  explicit DiagramStore(uint64_t budget);
  DiagramStore(const DiagramStore&) = delete;
  DiagramStore& operator=(const DiagramStore&) = delete;

  Variable AddVariable(uint32_t values);
  uint32_t ValuesOf(Variable variable) const { return arity_[variable]; }

  bool exhausted() const { return steps_ >= budget_; }
  uint64_t steps() const { return steps_; }
  // Lets a store that is not exhausted make so many more steps.
  void AddBudget(uint64_t steps) { budget_ += steps; }

  // True where the variable has one of the values.
  Diagram Has(Variable variable, absl::Span<const uint32_t> values);
  Diagram Has(Variable variable, uint32_t value) { return Has(variable, {&value, 1}); }
  Diagram Of(const Cube& cube);

  // As the expression language has them: a decisive operand outweighs unknown, that a failure.
  Diagram And(Diagram a, Diagram b) { return Apply(Operation::kAnd, a, b); }
  Diagram Or(Diagram a, Diagram b) { return Apply(Operation::kOr, a, b); }
  Diagram Not(Diagram a) { return Apply(Operation::kNot, a, kFalse); }
  // `then` where the condition is true, `otherwise` where it is false, else what the condition is.
  Diagram Choose(Diagram condition, Diagram then, Diagram otherwise);
  // True where `a` comes out as `truth`, false elsewhere.
  Diagram Is(Diagram a, Truth truth) { return Apply(Operation::kSame, a, truth); }
  Diagram Same(Diagram a, Diagram b) { return Apply(Operation::kSame, a, b); }
  // Of two that are never unknown and never fail: a and not b.
  Diagram Without(Diagram a, Diagram b) { return And(a, Not(b)); }

  // What the diagram comes out as where each variable has the value told.
  Truth Evaluate(Diagram a, absl::FunctionRef<uint32_t(Variable)> value_of) const;

  // Values for the variables on one path on which a diagram of true and false is true; the diagram
  // is not kFalse. Of several values, the first in the order of `preferred(variable)` is taken.
  std::vector<std::pair<Variable, uint32_t>> PathToTrue(
      Diagram a, absl::FunctionRef<absl::Span<const uint32_t>(Variable)> preferred) const;

  // Cubes that together cover all of `lower` and nothing outside `upper` (of true and false, lower
  // implies upper), with few literals. False if there are more than `most`; then `cubes` holds some
  // of them.
  bool Cover(Diagram lower, Diagram upper, size_t most, std::vector<Cube>& cubes);

 private:
  enum class Operation : uint8_t { kAnd, kOr, kNot, kSame };
  using Children = absl::InlinedVector<Diagram, 8>;
  struct Node {
    Variable variable = 0;
    uint32_t first_child = 0;
  };
  struct ContentHash {
    const DiagramStore* store;
    size_t operator()(Diagram a) const;
  };
  struct ContentEqual {
    const DiagramStore* store;
    bool operator()(Diagram a, Diagram b) const;
  };

  static constexpr Diagram kTerminals = 4;
  static bool IsTerminal(Diagram a) { return a < kTerminals; }
  static Diagram Combine(Operation operation, Diagram a, Diagram b);
  // What the operation comes out as whatever the rest is; kTerminals if that is not known.
  static Diagram Shortcut(Operation operation, Diagram a, Diagram b);

  Variable TopOf(Diagram a) const { return IsTerminal(a) ? UINT32_MAX : nodes_[a].variable; }
  absl::Span<const Diagram> ChildrenOf(Diagram a) const;
  Diagram ChildOf(Diagram a, Variable variable, uint32_t value) const;
  Diagram Make(Variable variable, const Children& children);
  Diagram Apply(Operation operation, Diagram a, Diagram b);
  bool CoverFrom(Diagram lower, Diagram upper, size_t most, Cube& above, std::vector<Cube>& cubes,
                 Diagram& covered);

  uint64_t budget_;
  uint64_t steps_ = 0;
  std::vector<uint32_t> arity_;
  std::vector<Node> nodes_;
  std::vector<Diagram> children_;
  absl::flat_hash_set<Diagram, ContentHash, ContentEqual> unique_;
  absl::flat_hash_map<std::pair<uint64_t, uint8_t>, Diagram> applied_;
  absl::flat_hash_map<std::pair<uint64_t, Diagram>, Diagram> chosen_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_DIAGRAM_H_
