#include "policy/analysis/diagram.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace gatehouse::policy::analysis {
namespace {

uint64_t PairKey(Diagram a, Diagram b) { return (uint64_t{a} << 32) | b; }

// How much a truth outweighs others under &&: false most, then unknown, then a failure.
constexpr uint32_t kWeightInAnd[] = {3, 0, 2, 1};
constexpr uint32_t kWeightInOr[] = {0, 3, 2, 1};

}  // namespace

size_t DiagramStore::ContentHash::operator()(Diagram a) const {
  return absl::HashOf(store->nodes_[a].variable, store->ChildrenOf(a));
}

bool DiagramStore::ContentEqual::operator()(Diagram a, Diagram b) const {
  return store->nodes_[a].variable == store->nodes_[b].variable &&
         store->ChildrenOf(a) == store->ChildrenOf(b);
}

DiagramStore::DiagramStore(uint64_t budget)
    : budget_(budget), nodes_(kTerminals), unique_(0, ContentHash{this}, ContentEqual{this}) {}

Variable DiagramStore::AddVariable(uint32_t values) {
  arity_.push_back(values);
  return static_cast<Variable>(arity_.size() - 1);
}

absl::Span<const Diagram> DiagramStore::ChildrenOf(Diagram a) const {
  const Node& node = nodes_[a];
  return absl::MakeConstSpan(children_).subspan(node.first_child, arity_[node.variable]);
}

Diagram DiagramStore::ChildOf(Diagram a, Variable variable, uint32_t value) const {
  return TopOf(a) == variable ? children_[nodes_[a].first_child + value] : a;
}

Diagram DiagramStore::Make(Variable variable, const Children& children) {
  if (std::all_of(children.begin(), children.end(),
                  [&](Diagram child) { return child == children[0]; })) {
    return children[0];
  }
  const auto made = static_cast<Diagram>(nodes_.size());
  nodes_.push_back({variable, static_cast<uint32_t>(children_.size())});
  children_.insert(children_.end(), children.begin(), children.end());
  const auto [known, is_new] = unique_.insert(made);
  if (!is_new) {
    children_.resize(nodes_.back().first_child);
    nodes_.pop_back();
  }
  return *known;
}

Diagram DiagramStore::Has(Variable variable, absl::Span<const uint32_t> values) {
  if (exhausted()) return kFalse;
  steps_ += arity_[variable];
  Children children(arity_[variable], kFalse);
  for (const uint32_t value : values) children[value] = kTrue;
  return Make(variable, children);
}

Diagram DiagramStore::Of(const Cube& cube) {
  Diagram all = kTrue;
  for (const Literal& literal : cube) all = And(all, Has(literal.variable, literal.values));
  return all;
}

Diagram DiagramStore::Combine(Operation operation, Diagram a, Diagram b) {
  switch (operation) {
    case Operation::kAnd:
      return kWeightInAnd[a] >= kWeightInAnd[b] ? a : b;
    case Operation::kOr:
      return kWeightInOr[a] >= kWeightInOr[b] ? a : b;
    case Operation::kNot:
      return a == kTrue ? Diagram{kFalse} : a == kFalse ? Diagram{kTrue} : a;
    case Operation::kSame:
      return a == b ? kTrue : kFalse;
  }
  return kFailed;
}

Diagram DiagramStore::Shortcut(Operation operation, Diagram a, Diagram b) {
  if (IsTerminal(a) && IsTerminal(b)) return Combine(operation, a, b);
  switch (operation) {
    case Operation::kAnd:
      if (a == kFalse || b == kFalse) return kFalse;
      if (a == kTrue || a == b) return b;
      if (b == kTrue) return a;
      break;
    case Operation::kOr:
      if (a == kTrue || b == kTrue) return kTrue;
      if (a == kFalse || a == b) return b;
      if (b == kFalse) return a;
      break;
    case Operation::kSame:
      if (a == b) return kTrue;
      break;
    case Operation::kNot:
      break;
  }
  return kTerminals;
}

Diagram DiagramStore::Apply(Operation operation, Diagram a, Diagram b) {
  if (const Diagram known = Shortcut(operation, a, b); known != kTerminals) return known;
  if (exhausted()) return kFalse;
  if (operation != Operation::kNot && a > b) std::swap(a, b);
  const std::pair<uint64_t, uint8_t> key = {PairKey(a, b), static_cast<uint8_t>(operation)};
  if (const auto known = applied_.find(key); known != applied_.end()) return known->second;
  const Variable top = std::min(TopOf(a), TopOf(b));
  const uint32_t arity = arity_[top];
  steps_ += arity;
  Children children(arity);
  for (uint32_t value = 0; value < arity; ++value) {
    children[value] = Apply(operation, ChildOf(a, top, value), ChildOf(b, top, value));
  }
  const Diagram result = Make(top, children);
  applied_.emplace(key, result);
  return result;
}

Diagram DiagramStore::Choose(Diagram condition, Diagram then, Diagram otherwise) {
  if (condition == kTrue || (then == otherwise && then == condition)) return then;
  if (condition == kFalse) return otherwise;
  if (IsTerminal(condition)) return condition;
  if (exhausted()) return kFalse;
  const std::pair<uint64_t, Diagram> key = {PairKey(condition, then), otherwise};
  if (const auto known = chosen_.find(key); known != chosen_.end()) return known->second;
  const Variable top = std::min({TopOf(condition), TopOf(then), TopOf(otherwise)});
  const uint32_t arity = arity_[top];
  steps_ += arity;
  Children children(arity);
  for (uint32_t value = 0; value < arity; ++value) {
    children[value] = Choose(ChildOf(condition, top, value), ChildOf(then, top, value),
                             ChildOf(otherwise, top, value));
  }
  const Diagram result = Make(top, children);
  chosen_.emplace(key, result);
  return result;
}

Truth DiagramStore::Evaluate(Diagram a, absl::FunctionRef<uint32_t(Variable)> value_of) const {
  while (!IsTerminal(a)) a = ChildrenOf(a)[value_of(nodes_[a].variable)];
  return static_cast<Truth>(a);
}

std::vector<std::pair<Variable, uint32_t>> DiagramStore::PathToTrue(
    Diagram a, absl::FunctionRef<absl::Span<const uint32_t>(Variable)> preferred) const {
  std::vector<std::pair<Variable, uint32_t>> path;
  while (!IsTerminal(a)) {
    const absl::Span<const Diagram> children = ChildrenOf(a);
    const Variable variable = nodes_[a].variable;
    for (const uint32_t value : preferred(variable)) {
      if (children[value] == kFalse) continue;
      path.emplace_back(variable, value);
      a = children[value];
      break;
    }
  }
  return path;
}

bool DiagramStore::Cover(Diagram lower, Diagram upper, size_t most, std::vector<Cube>& cubes) {
  Cube above;
  Diagram covered = kFalse;
  return CoverFrom(lower, upper, most, above, cubes, covered);
}

// After Minato and Morreale: first whatever can be covered without the topmost variable, then for
// each set of its values that leave the same rest, that rest.
bool DiagramStore::CoverFrom(Diagram lower, Diagram upper, size_t most, Cube& above,
                             std::vector<Cube>& cubes, Diagram& covered) {
  covered = kFalse;
  if (lower == kFalse) return true;
  if (exhausted()) return false;
  if (upper == kTrue) {
    if (cubes.size() >= most) return false;
    cubes.push_back(above);
    covered = kTrue;
    return true;
  }
  const Variable top = std::min(TopOf(lower), TopOf(upper));
  const uint32_t arity = arity_[top];
  Diagram everywhere = kTrue;
  Diagram somewhere = kFalse;
  for (uint32_t value = 0; value < arity; ++value) {
    everywhere = And(everywhere, ChildOf(upper, top, value));
    somewhere = Or(somewhere, ChildOf(lower, top, value));
  }
  Diagram without = kFalse;
  if (!CoverFrom(And(somewhere, everywhere), everywhere, most, above, cubes, without)) return false;
  Children rest(arity);
  for (uint32_t value = 0; value < arity; ++value) {
    rest[value] = Without(ChildOf(lower, top, value), without);
  }
  Children all(arity, without);
  for (uint32_t value = 0; value < arity; ++value) {
    if (rest[value] == kFalse ||
        std::find(rest.begin(), rest.begin() + value, rest[value]) != rest.begin() + value) {
      continue;
    }
    Literal literal{top, {}};
    Diagram allowed = kTrue;
    for (uint32_t other = value; other < arity; ++other) {
      if (rest[other] != rest[value]) continue;
      literal.values.push_back(other);
      allowed = And(allowed, ChildOf(upper, top, other));
    }
    above.push_back(literal);
    Diagram with = kFalse;
    const bool fits = CoverFrom(rest[value], allowed, most, above, cubes, with);
    above.pop_back();
    if (!fits) return false;
    for (const uint32_t other : literal.values) all[other] = Or(without, with);
  }
  covered = Make(top, all);
  return true;
}

}  // namespace gatehouse::policy::analysis
