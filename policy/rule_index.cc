#include "policy/rule_index.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"

namespace gatehouse::policy {
namespace {

// Fewer rules than this are asked faster than they are looked up.
constexpr size_t kSmallestGroup = 8;

bool IsKey(const cel::Value& value) {
  return value.is(cel::ValueKind::kInt) || value.is(cel::ValueKind::kString);
}

void CollectEqualities(const cel::Program& condition, cel::NodeId id,
                       std::vector<Equality>& equalities) {
  const cel::CheckedExpression& expression = condition.expression();
  const cel::Node& node = expression.ast().node(id);
  if (node.kind != cel::NodeKind::kCall) return;
  if (node.function == cel::Function::kAnd) {
    for (const cel::NodeId operand : node.children) {
      CollectEqualities(condition, operand, equalities);
    }
  }
  if (node.function != cel::Function::kEqual) return;
  for (const auto& [fact, bound] : {std::pair(node.children[0], node.children[1]),
                                    std::pair(node.children[1], node.children[0])}) {
    const std::optional<cel::SlotId> slot = expression.slot(fact);
    const cel::Value* constant = condition.constant(bound);
    if (slot.has_value() && constant != nullptr && IsKey(*constant)) {
      equalities.push_back({*slot, *constant});
    }
  }
}

// The fact that tells most of these rules apart; nothing if it would tell apart too few.
std::optional<cel::SlotId> MostUsedSlot(absl::Span<const std::vector<Equality>> rules,
                                        absl::Span<const uint32_t> among) {
  absl::btree_map<cel::SlotId, size_t> uses;
  for (const uint32_t rule : among) {
    absl::btree_set<cel::SlotId> slots;
    for (const Equality& equality : rules[rule]) slots.insert(equality.slot);
    for (const cel::SlotId slot : slots) ++uses[slot];
  }
  const auto most = std::max_element(
      uses.begin(), uses.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == uses.end() || most->second < kSmallestGroup) return std::nullopt;
  return most->first;
}

}  // namespace

std::vector<Equality> EqualitiesOf(const cel::Program* condition) {
  std::vector<Equality> equalities;
  if (condition != nullptr) {
    CollectEqualities(*condition, condition->expression().ast().root(), equalities);
  }
  return equalities;
}

RuleIndex::RuleIndex(absl::Span<const std::vector<Equality>> rules) {
  std::vector<uint32_t> open(rules.size());
  std::iota(open.begin(), open.end(), 0u);
  while (const std::optional<cel::SlotId> slot = MostUsedSlot(rules, open)) {
    Group& group = groups_.emplace_back();
    group.slot = *slot;
    std::vector<uint32_t> rest;
    for (const uint32_t rule : open) {
      if (!group.Add(rule, rules[rule])) rest.push_back(rule);
    }
    open = std::move(rest);
  }
  always_ = std::move(open);
}

bool RuleIndex::Group::Add(uint32_t rule, absl::Span<const Equality> equalities) {
  const auto equality = std::find_if(equalities.begin(), equalities.end(),
                                     [&](const Equality& one) { return one.slot == slot; });
  if (equality == equalities.end()) return false;
  all.push_back(rule);
  if (equality->value.is(cel::ValueKind::kInt)) {
    by_number[equality->value.int_value()].push_back(rule);
  } else {
    by_text[std::string(equality->value.string_value())].push_back(rule);
  }
  return true;
}

absl::Span<const uint32_t> RuleIndex::Group::Candidates(const cel::Value& value) const {
  if (value.is(cel::ValueKind::kInt)) {
    const auto found = by_number.find(value.int_value());
    return found == by_number.end() ? absl::Span<const uint32_t>() : found->second;
  }
  if (value.is(cel::ValueKind::kString)) {
    const auto found = by_text.find(value.string_value());
    return found == by_text.end() ? absl::Span<const uint32_t>() : found->second;
  }
  return all;
}

}  // namespace gatehouse::policy
