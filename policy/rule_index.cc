#include "policy/rule_index.h"

#include <algorithm>
#include <optional>
#include <set>
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
  for (uint32_t i = 0; i < open.size(); ++i) open[i] = i;
  while (open.size() >= kSmallestGroup) {
    absl::btree_map<cel::SlotId, size_t> uses;
    for (const uint32_t rule : open) {
      absl::btree_set<cel::SlotId> slots;
      for (const Equality& equality : rules[rule]) slots.insert(equality.slot);
      for (const cel::SlotId slot : slots) ++uses[slot];
    }
    const auto most = std::max_element(
        uses.begin(), uses.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == uses.end() || most->second < kSmallestGroup) break;
    Group group;
    group.slot = most->first;
    std::vector<uint32_t> rest;
    for (const uint32_t rule : open) {
      const auto equality =
          std::find_if(rules[rule].begin(), rules[rule].end(),
                       [&](const Equality& candidate) { return candidate.slot == group.slot; });
      if (equality == rules[rule].end()) {
        rest.push_back(rule);
        continue;
      }
      group.all.push_back(rule);
      if (equality->value.is(cel::ValueKind::kInt)) {
        group.by_number[equality->value.int_value()].push_back(rule);
      } else {
        group.by_text[std::string(equality->value.string_value())].push_back(rule);
      }
    }
    groups_.push_back(std::move(group));
    open = std::move(rest);
  }
  always_ = std::move(open);
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
