#include "policy/cel/program.h"

#include <cassert>
#include <utility>

#include "policy/cel/plan.h"

namespace gatehouse::policy::cel {
namespace {

Value Run(const PlanNode& node, uint32_t locals, absl::Span<const Value> slots, Arena& arena) {
  Frame frame = {slots.data(), nullptr, &arena};
  if (locals != 0) frame.locals = arena.AllocateArray<Value>(locals).data();
  return Evaluate(node, frame);
}

}  // namespace

Program::Program(CheckedExpression expression)
    : expression_(std::make_unique<const CheckedExpression>(std::move(expression))),
      plan_(std::make_unique<const Plan>(*expression_)) {
  const std::vector<SlotId> read = expression_->Slots();
  slots_ = read.empty() ? 0 : read.back() + 1;
}

Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Value Program::Evaluate(absl::Span<const Value> slots, Arena& arena) const {
  assert(slots.size() >= slots_);
  return Run(plan_->root(), plan_->locals(), slots, arena);
}

Value Program::EvaluateNode(NodeId node, absl::Span<const Value> slots, Arena& arena) const {
  assert(slots.size() >= slots_);
  const PlanNode* const plan = plan_->node(node);
  if (plan == nullptr) return Value::Error(ErrorCode::kUndeclared, node);
  return Run(*plan, plan_->locals(), slots, arena);
}

const Value* Program::constant() const { return constant(expression_->ast().root()); }

const Value* Program::constant(NodeId node) const {
  const PlanNode* const plan = plan_->node(node);
  if (plan == nullptr || plan->operand != PlanNode::Operand::kConstant) return nullptr;
  return &plan->constant;
}

}  // namespace gatehouse::policy::cel
