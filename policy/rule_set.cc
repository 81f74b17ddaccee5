#include "policy/rule_set.h"

#include <algorithm>

namespace gatehouse::policy {
namespace {

cel::Value EvaluateOr(const ConditionPtr& condition, bool if_none, Slots slots, cel::Arena& arena) {
  return condition == nullptr ? cel::Value::Bool(if_none) : condition->Evaluate(slots, arena);
}

bool IsFalse(const cel::Value& value) {
  return value.is(cel::ValueKind::kBool) && !value.bool_value();
}

// What a predicate says of many rules; or, if it does not know, what they say one by one.
template <typename OneByOne>
bool Resolve(Predicate::Verdict verdict, const OneByOne& one_by_one) {
  if (verdict == Predicate::Verdict::kAsk) return one_by_one();
  return verdict == Predicate::Verdict::kTrue;
}

bool IsPermitted(const ActionRules& rules, Slots slots, cel::Arena& arena) {
  const auto refuses = [&](uint32_t position) {
    return !rules.permits[position]->Evaluate(slots, arena).holds();
  };
  const absl::Span<const uint32_t> always = rules.permit_index.always();
  const auto any_permits = [&] { return !std::all_of(always.begin(), always.end(), refuses); };
  return Resolve(rules.permitted.Evaluate(slots, arena), any_permits) ||
         !rules.permit_index.VisitFound(slots, refuses);
}

bool IsFulfilled(const ActionRules& rules, Slots slots, cel::Arena& arena) {
  const auto holds = [&](uint32_t position) {
    return rules.requires_[position]->Evaluate(slots, arena).holds();
  };
  const absl::Span<const uint32_t> always = rules.require_index.always();
  const auto all_hold = [&] { return std::all_of(always.begin(), always.end(), holds); };
  return Resolve(rules.fulfilled.Evaluate(slots, arena), all_hold) &&
         rules.require_index.VisitFound(slots, holds);
}

}  // namespace

cel::Value PermitRule::Evaluate(Slots slots, cel::Arena& arena) const {
  return EvaluateOr(when, true, slots, arena);
}

cel::Value RequireRule::Evaluate(Slots slots, cel::Arena& arena) const {
  // `when` is asked first, so that a rule that does not apply never depends on a missing fact. One
  // that cannot be told to apply or not is fulfilled only if `that` holds.
  const cel::Value applies = EvaluateOr(when, true, slots, arena);
  if (IsFalse(applies)) return cel::Value::Bool(true);
  const cel::Value holds = EvaluateOr(that, true, slots, arena);
  return IsFalse(holds) && applies.is(cel::ValueKind::kUnknown) ? applies : holds;
}

cel::Value ObligeRule::Evaluate(Slots slots, cel::Arena& arena) const {
  return EvaluateOr(when, true, slots, arena);
}

const ActionRules* RuleSet::RulesFor(Action::Value action) const {
  if (!Action::Value_IsValid(action)) return nullptr;
  const ActionRules& rules = actions[static_cast<size_t>(action)];
  return rules.permits.empty() ? nullptr : &rules;
}

bool RuleSet::Judge(Action::Value action, Slots slots, Obligations* obligations) const {
  // What evaluations make is forgotten with the next decision on this thread.
  static thread_local cel::Arena arena;
  arena.Reset();
  const ActionRules* rules = RulesFor(action);
  if (rules == nullptr) return false;
  if (!IsPermitted(*rules, slots, arena) || !IsFulfilled(*rules, slots, arena)) return false;
  for (const ObligeRule* rule : rules->obliges) {
    const cel::Value obliged = rule->Evaluate(slots, arena);
    if (obliged.is(cel::ValueKind::kUnknown)) return false;
    if (obligations != nullptr && !IsFalse(obliged)) obligations->push_back(rule->action);
  }
  return true;
}

}  // namespace gatehouse::policy
