#include <algorithm>

#include "policy/cel/checker.h"

namespace gatehouse::policy::cel {

std::optional<SlotId> CheckedExpression::slot(NodeId id) const {
  const Binding& bound = binding(id);
  if (bound.kind != Binding::Kind::kSlot) return std::nullopt;
  return bound.index;
}

std::vector<NodeId> CheckedExpression::Children(NodeId id) const {
  const Binding::Kind kind = binding(id).kind;
  if (kind != Binding::Kind::kNone && kind != Binding::Kind::kField) return {};
  std::vector<NodeId> children;
  for (const NodeId child : ast_.node(id).children) {
    if (child != kNoNode) children.push_back(child);
  }
  return children;
}

std::vector<NodeId> CheckedExpression::Reachable(NodeId from) const {
  std::vector<NodeId> nodes;
  std::vector<NodeId> pending = {from};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    nodes.push_back(id);
    const std::vector<NodeId> children = Children(id);
    pending.insert(pending.end(), children.rbegin(), children.rend());
  }
  return nodes;
}

bool CheckedExpression::DependsOn(NodeId id, SlotId sought) const {
  const std::vector<NodeId> nodes = Reachable(id);
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId node) { return slot(node) == sought; });
}

std::vector<SlotId> CheckedExpression::Slots() const {
  std::vector<SlotId> slots;
  for (const NodeId id : Reachable()) {
    if (const std::optional<SlotId> read = slot(id)) slots.push_back(*read);
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

}  // namespace gatehouse::policy::cel
