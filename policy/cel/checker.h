// Ast and environment to a checked expression: every name resolved, every node typed, the cost
// bounded.
//
// In the default mode an expression that is accepted cannot fail on a type when it is evaluated.
// Checking is pure and thread-safe, and takes time about linear in the expression.
#ifndef GATEHOUSE_POLICY_CEL_CHECKER_H_
#define GATEHOUSE_POLICY_CEL_CHECKER_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "policy/cel/ast.h"
#include "policy/cel/diagnostic.h"
#include "policy/cel/environment.h"
#include "policy/cel/limits.h"
#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

enum class Typing : uint8_t {
  kStatic,      // for rules: no dyn; patterns and time zones are constants
  kGradual,     // the language's own: mixed lists and dyn() are checked at run time
  kPermissive,  // no check: wrong types and unknown names become errors of the evaluation
};

// What a node stands for, where it is a name. Its children are then not evaluated: the select node
// `account.aup_accepted` is bound to a slot, the identifier `account` within it means nothing.
struct Binding {
  enum class Kind : uint8_t {
    kNone,      // not a name; evaluated from its children
    kSlot,      // index is the variable's SlotId
    kConstant,  // value is the constant; also literals and type names
    kLocal,     // index is the comprehension variable's place in the frame
    kField,     // a select or has() of a record: index is the field's place
  };
  Kind kind = Kind::kNone;
  uint32_t index = 0;
  Value value;
};

class CheckedExpression {
 public:
  struct NodeInfo {
    Type type;
    Binding binding;
  };

  CheckedExpression(Ast ast, Arena constants, std::vector<NodeInfo> infos, uint64_t cost)
      : ast_(std::move(ast)),
        constants_(std::move(constants)),
        infos_(std::move(infos)),
        cost_(cost) {}

  const Ast& ast() const { return ast_; }
  const Type& type() const { return infos_[ast_.root()].type; }
  const Type& type(NodeId id) const { return infos_[id].type; }
  const Binding& binding(NodeId id) const { return infos_[id].binding; }
  // The slot, if the node is a variable, also as the operand of has(). Nothing otherwise.
  std::optional<SlotId> slot(NodeId id) const;
  // The nodes that evaluating this one evaluates: none for names and literals.
  std::vector<NodeId> Children(NodeId id) const;
  // Every node in evaluation order of the tree, parents first, that matters at run time.
  std::vector<NodeId> Reachable() const { return Reachable(ast_.root()); }
  std::vector<NodeId> Reachable(NodeId from) const;
  // Whether the node's value depends on the slot.
  bool DependsOn(NodeId id, SlotId slot) const;
  // Slots that the expression reads, ascending.
  std::vector<SlotId> Slots() const;
  // Estimated worst-case steps of one evaluation (Limits::cost).
  uint64_t cost() const { return cost_; }

 private:
  Ast ast_;
  Arena constants_;
  std::vector<NodeInfo> infos_;
  uint64_t cost_;
};

struct CheckOptions {
  Typing typing = Typing::kStatic;
  // What the expression has to be ("expected bool, got int"); nothing: any type.
  std::optional<Type> expected;
  Limits limits;
};

Outcome<CheckedExpression> Check(Ast ast, const Environment& environment,
                                 const CheckOptions& options = {});

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_CHECKER_H_
