#include "policy/explain.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

#include "policy/blame.h"
#include "policy/cel/format.h"

namespace gatehouse::policy {
namespace {

constexpr auto kNowIndex = static_cast<size_t>(Fact::kNow);

class Refusal {
 public:
  Refusal(const RuleSet& rules, Action::Value action, Slots slots)
      : rules_(rules), action_(action), slots_(slots) {}

  Decision Explain();

 private:
  void JudgePermits(const ActionRules& rules);
  void JudgeRequire(const RequireRule& rule);
  void JudgeOblige(const ObligeRule& rule);
  void AddViolation(const RequireRule& rule);
  void AddMissing(absl::string_view rule_id, const std::vector<const Condition*>& conditions);
  std::string MessageOf(const RequireRule& rule) const;
  std::optional<absl::Time> EligibleTime(const ActionRules& rules);
  // The first instant after now, among those at which a condition can flip, at which `holds`.
  std::optional<absl::Time> FirstInstant(const std::vector<const Condition*>& conditions,
                                         absl::FunctionRef<bool(Slots)> holds);

  const RuleSet& rules_;
  Action::Value action_;
  Slots slots_;
  cel::Arena arena_;
  Decision decision_;
};

template <typename... Pointers>
std::vector<const Condition*> Conditions(const Pointers&... pointers) {
  std::vector<const Condition*> conditions;
  for (const Condition* condition : {pointers.get()...}) {
    if (condition != nullptr) conditions.push_back(condition);
  }
  return conditions;
}

Decision Refusal::Explain() {
  decision_.policy_revision = rules_.revision;
  const ActionRules* rules = rules_.RulesFor(action_);
  if (rules == nullptr) return std::move(decision_);
  for (const RequireRule* rule : rules->requires_) {
    if (rule->before_permission) JudgeRequire(*rule);
  }
  // Whoever may not even ask learns nothing about the target, not even whether it is theirs.
  if (!decision_.violations.empty()) return std::move(decision_);
  JudgePermits(*rules);
  if (decision_.permitted) {
    for (const RequireRule* rule : rules->requires_) JudgeRequire(*rule);
    for (const ObligeRule* rule : rules->obliges) JudgeOblige(*rule);
    decision_.eligible_time = EligibleTime(*rules);
  }
  return std::move(decision_);
}

void Refusal::JudgePermits(const ActionRules& rules) {
  const PermitRule* undecided = nullptr;
  for (const PermitRule* rule : rules.permits) {
    const cel::Value verdict = rule->Evaluate(slots_, arena_);
    decision_.permitted = decision_.permitted || verdict.holds();
    if (verdict.is(cel::ValueKind::kUnknown) && undecided == nullptr) undecided = rule;
  }
  if (!decision_.permitted && undecided != nullptr) {
    AddMissing(undecided->id, Conditions(undecided->when));
  }
}

void Refusal::JudgeRequire(const RequireRule& rule) {
  const cel::Value verdict = rule.Evaluate(slots_, arena_);
  if (verdict.holds()) return;
  if (verdict.is(cel::ValueKind::kUnknown)) {
    AddMissing(rule.id, Conditions(rule.when, rule.that));
  } else {
    AddViolation(rule);
  }
}

void Refusal::JudgeOblige(const ObligeRule& rule) {
  if (rule.Evaluate(slots_, arena_).is(cel::ValueKind::kUnknown)) {
    AddMissing(rule.id, Conditions(rule.when));
  }
}

void Refusal::AddViolation(const RequireRule& rule) {
  Violation violation;
  violation.rule_id = rule.id;
  violation.reason = rule.reason;
  violation.message = MessageOf(rule);
  if (rule.that != nullptr) violation.observed = Blame(*rule.that, false, slots_, arena_);
  for (const MendRule& mend : rule.mends) {
    if (mend.when != nullptr && !mend.when->Evaluate(slots_, arena_).holds()) continue;
    violation.mends.push_back({mend.by, mend.operation, std::nullopt});
  }
  const std::optional<absl::Time> in_time =
      FirstInstant(Conditions(rule.when, rule.that),
                   [&](Slots slots) { return rule.Evaluate(slots, arena_).holds(); });
  if (in_time.has_value()) violation.mends.push_back({MendBy::TIME, "", in_time});
  decision_.violations.push_back(std::move(violation));
}

void Refusal::AddMissing(absl::string_view rule_id,
                         const std::vector<const Condition*>& conditions) {
  Violation violation;
  violation.rule_id = std::string(rule_id);
  violation.reason = Reason::FACT_UNAVAILABLE;
  std::vector<absl::string_view> names;
  for (const Condition* condition : conditions) {
    for (const Fact fact : MissingFacts(*condition, slots_)) {
      const absl::string_view name = Describe(fact).name;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const absl::string_view name : names) {
    violation.observed.emplace_back(name, "unknown");
    std::vector<std::string>& all = decision_.missing_facts;
    if (std::find(all.begin(), all.end(), name) == all.end()) all.emplace_back(name);
  }
  violation.message =
      absl::StrCat("it cannot be decided while this is unknown: ", absl::StrJoin(names, ", "));
  decision_.violations.push_back(std::move(violation));
}

std::string Refusal::MessageOf(const RequireRule& rule) const {
  std::string message;
  for (const MessagePiece& piece : rule.message) {
    if (const std::string* text = std::get_if<std::string>(&piece)) {
      message += *text;
      continue;
    }
    const MessageValue& value = std::get<MessageValue>(piece);
    const Fact* fact = std::get_if<Fact>(&value.value);
    message += PlainText(
        fact == nullptr ? std::get<cel::Value>(value.value) : slots_[static_cast<size_t>(*fact)],
        value.type);
  }
  return message;
}

std::optional<absl::Time> Refusal::EligibleTime(const ActionRules& rules) {
  std::vector<const Condition*> conditions;
  const auto add = [&](const ConditionPtr& condition) {
    if (condition != nullptr && !condition->time.empty()) conditions.push_back(condition.get());
  };
  for (const PermitRule* rule : rules.permits) add(rule->when);
  for (const RequireRule* rule : rules.requires_) {
    add(rule->when);
    add(rule->that);
  }
  return FirstInstant(conditions,
                      [&](Slots slots) { return rules_.Judge(action_, slots, nullptr); });
}

std::optional<absl::Time> Refusal::FirstInstant(const std::vector<const Condition*>& conditions,
                                                absl::FunctionRef<bool(Slots)> holds) {
  if (!slots_[kNowIndex].ok()) return std::nullopt;
  std::vector<Nanoseconds> instants;
  for (const Condition* condition : conditions) {
    condition->time.Collect(slots_, arena_, instants);
  }
  if (instants.empty()) return std::nullopt;
  std::sort(instants.begin(), instants.end());
  instants.erase(std::unique(instants.begin(), instants.end()), instants.end());
  const Nanoseconds now = ToNanoseconds(slots_[kNowIndex]);
  std::vector<cel::Value> later(slots_.begin(), slots_.end());
  for (auto instant = std::upper_bound(instants.begin(), instants.end(), now);
       instant != instants.end(); ++instant) {
    const std::optional<cel::Value> then = ToInstant(*instant);
    if (!then.has_value()) continue;
    later[kNowIndex] = *then;
    if (holds(later)) return then->timestamp_value();
  }
  return std::nullopt;
}

}  // namespace

Decision ExplainRefusal(const RuleSet& rules, Action::Value action, Slots slots) {
  return Refusal(rules, action, slots).Explain();
}

std::string PlainText(const cel::Value& value, const cel::Type& type) {
  if (value.absent()) return "none";
  if (value.is(cel::ValueKind::kString)) return std::string(value.string_value());
  const std::string written = cel::Format(value, type);
  absl::string_view inner = written;
  if ((absl::ConsumePrefix(&inner, "timestamp('") || absl::ConsumePrefix(&inner, "duration('")) &&
      absl::ConsumeSuffix(&inner, "')")) {
    return std::string(inner);
  }
  return written;
}

}  // namespace gatehouse::policy
