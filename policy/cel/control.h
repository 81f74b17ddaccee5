// Evaluators of everything that is not a call of an overload: names, logic, literals of lists and
// maps, selections, comprehensions.
#ifndef GATEHOUSE_POLICY_CEL_CONTROL_H_
#define GATEHOUSE_POLICY_CEL_CONTROL_H_

#include "policy/cel/ast.h"
#include "policy/cel/plan.h"

namespace gatehouse::policy::cel {

Value EvaluateSlot(const PlanNode& node, Frame& frame);
Value EvaluateConstant(const PlanNode& node, Frame& frame);
Value EvaluateLocal(const PlanNode& node, Frame& frame);
Value EvaluateUndeclared(const PlanNode& node, Frame& frame);

Value EvaluateAnd(const PlanNode& node, Frame& frame);
Value EvaluateOr(const PlanNode& node, Frame& frame);
Value EvaluateNot(const PlanNode& node, Frame& frame);
Value EvaluateConditional(const PlanNode& node, Frame& frame);

Value EvaluateList(const PlanNode& node, Frame& frame);
Value EvaluateMap(const PlanNode& node, Frame& frame);

// Of a record: PlanNode::index is the field's place.
Value EvaluateField(const PlanNode& node, Frame& frame);
Value EvaluateHasField(const PlanNode& node, Frame& frame);
// Of a map: PlanNode::constant is the key.
Value EvaluateKey(const PlanNode& node, Frame& frame);
Value EvaluateHasKey(const PlanNode& node, Frame& frame);
Value EvaluateHasSlot(const PlanNode& node, Frame& frame);

// children are the range, and the bodies that there are, predicate first. PlanNode::index is the
// first of the two places for the variables.
EvaluateFunction ComprehensionEvaluator(const Node& node);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_CONTROL_H_
