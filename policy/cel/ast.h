// An expression as it was written: what the parser makes and everything else walks.
//
// Nodes lie in one array and are named by their index, children before their parents; the root is
// the last. Macros are nodes of their own kind and not expanded, so a walk sees what a person
// wrote. An Ast owns its source, its names and its literals. Move-only, immutable once parsed.
#ifndef GATEHOUSE_POLICY_CEL_AST_H_
#define GATEHOUSE_POLICY_CEL_AST_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "policy/cel/arena.h"
#include "policy/cel/diagnostic.h"
#include "policy/cel/function.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

enum class NodeKind : uint8_t {
  kLiteral,        // literal
  kIdentifier,     // name; absolute if written with a leading dot
  kSelect,         // children[0].name
  kHas,            // has(children[0].name)
  kCall,           // function or name, of children; children[0] is the receiver of x.f(y)
  kList,           // children are the elements
  kMap,            // children are key, value, key, value, ...
  kComprehension,  // macro over children[0]; see below
};

enum class Macro : uint8_t {
  kAll,            // predicate
  kExists,         // predicate
  kExistsOne,      // predicate
  kFilter,         // predicate
  kMap,            // transform, and a predicate if one was given
  kTransformList,  // transform, and a predicate if one was given
  kTransformMap,   // transform, and a predicate if one was given
};

absl::string_view MacroName(Macro macro);

struct Node {
  NodeKind kind = NodeKind::kLiteral;
  Function function = Function::kUndeclared;
  Macro macro = Macro::kAll;
  bool absolute = false;  // an identifier with a leading dot: no container applies
  bool receiver = false;  // a call in the form x.f(y)
  SourceRange range;      // parentheses around the node are not part of it
  SourceRange mark;       // where a diagnostic about the node itself points: operator, name, field
  absl::string_view name;
  // A comprehension's variables; the second is empty in the one-variable forms. Alone it is the
  // element of a list or the key of a map; with two they are index and element, or key and value.
  std::array<absl::string_view, 2> variables;
  Value literal;
  // Comprehensions have exactly three: range, predicate, transform; the latter may be kNoNode.
  std::vector<NodeId> children;

  NodeId range_node() const { return children[0]; }
  NodeId predicate() const { return children[1]; }
  NodeId transform() const { return children[2]; }
};

class Ast {
 public:
  Ast(std::string source, Arena arena, std::vector<Node> nodes)
      : source_(std::move(source)), arena_(std::move(arena)), nodes_(std::move(nodes)) {}

  absl::string_view source() const { return source_; }
  NodeId root() const { return static_cast<NodeId>(nodes_.size() - 1); }
  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }
  const Node& node(NodeId id) const { return nodes_[id]; }
  absl::Span<const Node> nodes() const { return nodes_; }
  // The part of the source that is this node.
  absl::string_view Text(NodeId id) const {
    const SourceRange& range = nodes_[id].range;
    return source().substr(range.begin, range.end - range.begin);
  }

 private:
  std::string source_;
  Arena arena_;  // names and literals
  std::vector<Node> nodes_;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_AST_H_
