// How long an evaluation may take at worst, and what its values may weigh, told beforehand.
//
// A step is a node visited, or 16 bytes or one element looked at or made. Sizes of facts are what
// their declarations promise (SizeBound). Pure, thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_COST_H_
#define GATEHOUSE_POLICY_CEL_COST_H_

#include <cstdint>
#include <vector>

#include "policy/cel/ast.h"
#include "policy/cel/checker.h"
#include "policy/cel/environment.h"

namespace gatehouse::policy::cel {

struct CostEstimate {
  uint64_t steps = 0;
  // Where `steps` is endless: the first variable without a bound; otherwise kNoNode.
  NodeId unbounded = kNoNode;
};

CostEstimate EstimateCost(const Ast& ast, const std::vector<CheckedExpression::NodeInfo>& infos,
                          const Environment& environment);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_COST_H_
