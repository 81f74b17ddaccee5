#include "policy/cel/plan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "policy/cel/control.h"
#include "policy/cel/overload.h"
#include "policy/cel/pattern.h"
#include "policy/cel/time_text.h"

namespace gatehouse::policy::cel {
namespace {

constexpr uint32_t kNoLocal = std::numeric_limits<uint32_t>::max();

// Whether values of the argument's static type are what the overload's code takes. Types were
// checked already; what is left to tell apart is the kind.
bool Takes(const Type& parameter, const Type& argument) {
  return parameter.is(Type::Kind::kParameter) || parameter.kind() == argument.kind() ||
         (parameter.is(Type::Kind::kInt) && argument.is(Type::Kind::kEnum));
}

}  // namespace

class PlanBuilder {
 public:
  PlanBuilder(const CheckedExpression& expression, Plan& plan)
      : expression_(expression), ast_(expression.ast()), plan_(plan), outer_(ast_.size()) {}

  void Run() {
    plan_.nodes_.resize(ast_.size());
    plan_.closed_.resize(ast_.size());
    Build(ast_.root());
  }

 private:
  // What a node's value depends on.
  struct Dependence {
    bool slots = false;
    uint32_t first_local = kNoLocal;  // the outermost comprehension's variable
  };

  const PlanNode* Build(NodeId id);
  void Bind(NodeId id, PlanNode& plan);
  void BuildChildren(NodeId id, PlanNode& plan);
  EvaluateFunction EvaluatorOf(NodeId id, const Node& node);
  EvaluateFunction CallEvaluator(NodeId id, const Node& node);
  void Prepare(const Node& node, PlanNode& plan);
  void Fold(PlanNode& plan);

  const CheckedExpression& expression_;
  const Ast& ast_;
  Plan& plan_;
  std::vector<Dependence> outer_;  // by NodeId
  uint32_t depth_ = 0;             // of comprehensions
};

const PlanNode* PlanBuilder::Build(NodeId id) {
  const Node& node = ast_.node(id);
  PlanNode& plan = plan_.arena_.AllocateArray<PlanNode>(1)[0];
  plan.id = id;
  plan.function = node.function;
  plan.receiver = node.receiver;
  const Binding::Kind bound = expression_.binding(id).kind;
  if (bound == Binding::Kind::kNone || bound == Binding::Kind::kField) {
    if (node.kind == NodeKind::kComprehension) plan.index = 2 * depth_;
    BuildChildren(id, plan);
    plan.evaluate = EvaluatorOf(id, node);
  }
  Bind(id, plan);
  Prepare(node, plan);
  const Dependence& dependence = outer_[id];
  plan_.closed_[id] = dependence.first_local == kNoLocal;
  if (!dependence.slots && plan_.closed_[id] && plan.operand == PlanNode::Operand::kOther) {
    Fold(plan);
  }
  plan_.nodes_[id] = &plan;
  return &plan;
}

void PlanBuilder::Bind(NodeId id, PlanNode& plan) {
  const Binding& binding = expression_.binding(id);
  switch (binding.kind) {
    case Binding::Kind::kSlot:
      plan.index = binding.index;
      outer_[id].slots = true;
      if (ast_.node(id).kind == NodeKind::kHas) {
        plan.evaluate = &EvaluateHasSlot;
      } else {
        plan.operand = PlanNode::Operand::kSlot;
        plan.evaluate = &EvaluateSlot;
      }
      break;
    case Binding::Kind::kConstant:
      plan.operand = PlanNode::Operand::kConstant;
      plan.evaluate = &EvaluateConstant;
      plan.constant = CopyTo(plan_.arena_, binding.value);
      break;
    case Binding::Kind::kLocal:
      plan.index = binding.index;
      plan.evaluate = &EvaluateLocal;
      outer_[id].first_local = binding.index;
      break;
    case Binding::Kind::kField:
      plan.index = binding.index;
      break;
    case Binding::Kind::kNone:
      break;
  }
}

void PlanBuilder::BuildChildren(NodeId id, PlanNode& plan) {
  const Node& node = ast_.node(id);
  const std::vector<NodeId> children = expression_.Children(id);
  const absl::Span<const PlanNode*> built =
      plan_.arena_.AllocateArray<const PlanNode*>(children.size());
  Dependence& dependence = outer_[id];
  for (size_t i = 0; i < children.size(); ++i) {
    const bool body = node.kind == NodeKind::kComprehension && i > 0;
    if (body) plan_.locals_ = std::max(plan_.locals_, 2 * ++depth_);
    built[i] = Build(children[i]);
    if (body) --depth_;
    const Dependence& inner = outer_[children[i]];
    dependence.slots = dependence.slots || inner.slots;
    if (!body || inner.first_local < plan.index) {
      dependence.first_local = std::min(dependence.first_local, inner.first_local);
    }
  }
  plan.children = built;
}

EvaluateFunction PlanBuilder::EvaluatorOf(NodeId id, const Node& node) {
  const bool field = expression_.binding(id).kind == Binding::Kind::kField;
  switch (node.kind) {
    case NodeKind::kSelect:
      return field ? &EvaluateField : &EvaluateKey;
    case NodeKind::kHas:
      return field ? &EvaluateHasField : &EvaluateHasKey;
    case NodeKind::kCall:
      return CallEvaluator(id, node);
    case NodeKind::kList:
      return &EvaluateList;
    case NodeKind::kMap:
      return &EvaluateMap;
    case NodeKind::kComprehension:
      return ComprehensionEvaluator(node);
    case NodeKind::kIdentifier:
    case NodeKind::kLiteral:
      return &EvaluateUndeclared;
  }
  return &EvaluateUndeclared;
}

EvaluateFunction PlanBuilder::CallEvaluator(NodeId id, const Node& node) {
  switch (node.function) {
    case Function::kUndeclared:
      return &EvaluateUndeclared;
    case Function::kAnd:
      return &EvaluateAnd;
    case Function::kOr:
      return &EvaluateOr;
    case Function::kNot:
      return &EvaluateNot;
    case Function::kConditional:
      return &EvaluateConditional;
    default:
      break;
  }
  std::vector<Type> arguments;
  for (const NodeId child : expression_.Children(id)) {
    arguments.push_back(expression_.type(child));
  }
  if (IsComparison(node.function)) {
    const EvaluateFunction special = EqualityOf(node.function, arguments[0], arguments[1]);
    if (special != nullptr) return special;
  }
  for (const Overload& overload : OverloadsOf(node.function)) {
    if (!overload.runtime_only && overload.receiver == node.receiver &&
        std::equal(overload.parameters.begin(), overload.parameters.end(), arguments.begin(),
                   arguments.end(), Takes)) {
      return overload.evaluate;
    }
  }
  return &EvaluateDynamicCall;
}

// Keys of selections, patterns and time zones.
void PlanBuilder::Prepare(const Node& node, PlanNode& plan) {
  if (node.kind == NodeKind::kSelect || node.kind == NodeKind::kHas) {
    if (plan.operand != PlanNode::Operand::kConstant) {
      plan.constant = Value::String(plan_.arena_.CopyString(node.name));
    }
    return;
  }
  if (node.kind != NodeKind::kCall || plan.children.size() != 2) return;
  const PlanNode& last = *plan.children[1];
  if (last.operand != PlanNode::Operand::kConstant || !last.constant.is(ValueKind::kString)) return;
  if (node.function == Function::kMatches) {
    plan_.patterns_.push_back(CompilePattern(last.constant.string_value()));
    if (plan_.patterns_.back()->ok()) plan.pattern = plan_.patterns_.back().get();
  } else if (node.function >= Function::kGetDate) {
    if (const auto zone = ParseTimeZone(last.constant.string_value())) {
      plan_.zones_.push_back(std::make_unique<const absl::TimeZone>(*zone));
      plan.zone = plan_.zones_.back().get();
    }
  }
}

// An error is left to be found again at run time, where it may be absorbed.
void PlanBuilder::Fold(PlanNode& plan) {
  Arena scratch;
  Frame frame = {nullptr, scratch.AllocateArray<Value>(plan_.locals_).data(), &scratch};
  const Value value = plan.evaluate(plan, frame);
  if (value.failed()) return;
  plan.constant = CopyTo(plan_.arena_, value);
  plan.operand = PlanNode::Operand::kConstant;
  plan.evaluate = &EvaluateConstant;
}

Plan::Plan(const CheckedExpression& expression) { PlanBuilder(expression, *this).Run(); }

}  // namespace gatehouse::policy::cel
