// The inside of a program: a tree of nodes, each with the function that evaluates it.
//
// A node knows its evaluator, its children and whatever was resolved for it beforehand (a slot, a
// field's place, a constant, a compiled pattern), so that evaluation is calls along the tree and
// nothing else. Nodes live in the plan's arena. Immutable once built, thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_PLAN_H_
#define GATEHOUSE_POLICY_CEL_PLAN_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "re2/re2.h"

#include "policy/cel/arena.h"
#include "policy/cel/checker.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

struct PlanNode;

// What one evaluation works on.
struct Frame {
  const Value* slots;
  Value* locals;
  Arena* arena;
};

using EvaluateFunction = Value (*)(const PlanNode&, Frame&);

struct PlanNode {
  // The commonest operands are read without a call.
  enum class Operand : uint8_t { kSlot, kConstant, kOther };

  EvaluateFunction evaluate = nullptr;
  Operand operand = Operand::kOther;
  bool receiver = false;  // a call in the form x.f(y), for dynamic dispatch
  NodeId id = kNoNode;
  uint32_t index = 0;  // of the slot, local or field
  Function function = Function::kUndeclared;
  absl::Span<const PlanNode* const> children;
  Value constant;
  const RE2* pattern = nullptr;
  const absl::TimeZone* zone = nullptr;
};

// A slot's failure, with what only the place that reads it knows: the slot, or the node.
ABSL_ATTRIBUTE_NOINLINE Value NameFailure(const PlanNode& node, const Value& failure);

inline Value ReadSlot(const PlanNode& node, Frame& frame) {
  const Value value = frame.slots[node.index];
  return ABSL_PREDICT_FALSE(value.failed()) ? NameFailure(node, value) : value;
}

inline Value Evaluate(const PlanNode& node, Frame& frame) {
  switch (node.operand) {
    case PlanNode::Operand::kSlot:
      return ReadSlot(node, frame);
    case PlanNode::Operand::kConstant:
      return node.constant;
    case PlanNode::Operand::kOther:
      break;
  }
  return node.evaluate(node, frame);
}

class Plan {
 public:
  explicit Plan(const CheckedExpression& expression);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const PlanNode& root() const { return *nodes_.back(); }
  // Null if the node is not evaluated at run time, or has no value outside its comprehension.
  const PlanNode* node(NodeId id) const { return closed_[id] ? nodes_[id] : nullptr; }
  // Places that a frame's locals need.
  uint32_t locals() const { return locals_; }

 private:
  friend class PlanBuilder;

  Arena arena_;
  std::vector<std::unique_ptr<const RE2>> patterns_;
  std::vector<std::unique_ptr<const absl::TimeZone>> zones_;
  std::vector<const PlanNode*> nodes_;  // by NodeId
  std::vector<bool> closed_;            // by NodeId: needs no comprehension's variable from outside
  uint32_t locals_ = 0;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_PLAN_H_
