// A checked expression made ready to run: constants folded, names bound to slots, strings owned,
// regular expressions compiled.
//
//   auto ast = Parse("now - account.joined_at >= organisation_hold");
//   auto checked = Check(std::move(*ast), environment, {.expected = Type::Bool()});
//   const Program program(std::move(*checked));
//   ...
//   Arena arena;                                    // reused, one a thread
//   Value verdict = program.Evaluate(slots, arena); // slots: one Value a variable
//
// Immutable and thread-safe; an evaluation touches only its slots, the program and its arena, and
// allocates nothing beyond what the arena holds. `now` is a slot like any other: no clock is read.
// Results may point into the slots, the program and the arena.
//
// Errors and unknowns are absorbed by &&, ||, all() and exists() where the other operands decide
// (unknown outweighs error where they do not); everything else answers the first one that it meets.
#ifndef GATEHOUSE_POLICY_CEL_PROGRAM_H_
#define GATEHOUSE_POLICY_CEL_PROGRAM_H_

#include <memory>

#include "absl/types/span.h"

#include "policy/cel/arena.h"
#include "policy/cel/checker.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

class Plan;

class Program {
 public:
  explicit Program(CheckedExpression expression);
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  // `slots` holds a value for each variable of the environment, of the variable's type, an error
  // (Value::Absent()) or unknown. A value of another kind is the host's mistake and not found out.
  Value Evaluate(absl::Span<const Value> slots, Arena& arena) const;

  // The value of one node, as observed in an evaluation over the same slots. A node within a
  // comprehension that depends on the comprehension's variables has no value of its own:
  // kUndeclared.
  Value EvaluateNode(NodeId node, absl::Span<const Value> slots, Arena& arena) const;

  // The value if the expression folds to a constant whatever the facts are.
  const Value* constant() const;
  // Likewise for one node: a bound such as `organisation_hold * 2`, computed once.
  const Value* constant(NodeId node) const;

  const CheckedExpression& expression() const { return *expression_; }

 private:
  std::unique_ptr<const CheckedExpression> expression_;
  std::unique_ptr<const Plan> plan_;
  SlotId slots_ = 0;  // that an activation must have at least
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_PROGRAM_H_
