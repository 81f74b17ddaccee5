#include "policy/analysis/diff.h"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

#include "policy/analysis/action_cases.h"
#include "policy/analysis/action_diff.h"
#include "policy/explain.h"

namespace gatehouse::policy::analysis {
namespace {

bool IsStricter(const Policy& before, const Policy& after, const ParameterInfo& info) {
  const auto number = [&](const Policy& policy) {
    return policy.rules().parameters[static_cast<size_t>(info.parameter)];
  };
  switch (info.stricter) {
    case StricterWhen::kMore:
      return number(after) > number(before);
    case StricterWhen::kLess:
      return number(after) < number(before);
    case StricterWhen::kNeither:
      return false;
  }
  return false;
}

std::string ValueText(const Policy& policy, const ParameterInfo& info) {
  return info.type == ParameterType::kInt
             ? absl::StrCat(policy.Int(info.parameter))
             : PlainText(cel::Value::Duration(policy.Duration(info.parameter)),
                         cel::Type::Duration());
}

void CompareParameters(const Policy& before, const Policy& after, PolicyDiff& diff) {
  for (const ParameterInfo& info : AllParameters()) {
    std::string was = ValueText(before, info);
    std::string is = ValueText(after, info);
    if (was != is) {
      diff.parameters.push_back({std::string(info.name), std::move(was), std::move(is),
                                 /*loosens=*/!IsStricter(before, after, info)});
    }
  }
}

void CompareAction(const Policy& before, const Policy& after, Action::Value action,
                   const DiffLimits& limits, uint64_t& steps_left, PolicyDiff& diff) {
  const ActionRules* rules_before = before.rules().RulesFor(action);
  const ActionRules* rules_after = after.rules().RulesFor(action);
  const size_t told = diff.differences.size();
  if (MeaningOf(rules_before) != MeaningOf(rules_after)) {
    ActionDiff difference(before, after, action, std::min(limits.steps_per_action, steps_left),
                          limits.conditions);
    difference.AddTo(diff);
    steps_left -= std::min(steps_left, difference.steps());
  }
  diff.actions.push_back({action, EffectOf(absl::MakeConstSpan(diff.differences).subspan(told))});
}

void OrderByEffect(PolicyDiff& diff) {
  std::map<Action::Value, Effect> effects;
  for (const ActionEffect& action : diff.actions) effects[action.action] = action.effect;
  std::stable_sort(diff.differences.begin(), diff.differences.end(),
                   [&](const Difference& one, const Difference& other) {
                     return effects[one.action] > effects[other.action];
                   });
}

// Each text with its length before it, so that no two lists of texts are written alike.
class DigestText {
 public:
  void Add(absl::string_view text) { absl::StrAppend(&text_, text.size(), ":", text, "\n"); }
  void Add(uint64_t number) { Add(absl::StrCat(number)); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

Effect EffectOf(absl::Span<const Difference> differences) {
  bool widens = false;
  bool narrows = false;
  for (const Difference& difference : differences) {
    widens = widens || difference.change == Change::kWidens;
    narrows = narrows || difference.change == Change::kNarrows;
  }
  if (widens && narrows) return Effect::kChanges;
  if (widens) return Effect::kWidens;
  if (narrows) return Effect::kNarrows;
  return differences.empty() ? Effect::kSame : Effect::kAlters;
}

Effect PolicyDiff::effect() const { return EffectOf(differences); }

bool PolicyDiff::MayWiden() const {
  return !undecided.empty() ||
         std::any_of(parameters.begin(), parameters.end(),
                     [](const ParameterChange& parameter) { return parameter.loosens; }) ||
         std::any_of(differences.begin(), differences.end(), [](const Difference& difference) {
           return difference.change == Change::kWidens || difference.loosens;
         });
}

std::string PolicyDiff::Digest() const {
  DigestText all;
  all.Add("gatehouse policy diff, version 1");
  all.Add(before.ToString());
  all.Add(after.ToString());
  for (const Difference& difference : differences) {
    all.Add(WordFor(Vocabulary::kAction, difference.action));
    all.Add(NameOf(difference.change));
    for (const bool mark : {difference.loosens, difference.possible}) all.Add(mark ? "yes" : "no");
    all.Add(difference.condition);
    all.Add(difference.before);
    all.Add(difference.after);
  }
  all.Add(uint64_t{parameters.size()});
  for (const ParameterChange& parameter : parameters) {
    for (const std::string& text : {parameter.name, parameter.before, parameter.after}) {
      all.Add(text);
    }
  }
  for (const std::string& text : undecided) all.Add(text);
  Revision digest;
  crypto_hash_sha256(digest.digest.data(),
                     reinterpret_cast<const unsigned char*>(all.text().data()), all.text().size());
  return digest.ToString();
}

PolicyDiff Diff(const Policy& before, const Policy& after, const DiffLimits& limits) {
  PolicyDiff diff;
  diff.before = before.revision();
  diff.after = after.revision();
  CompareParameters(before, after, diff);
  uint64_t steps_left = limits.steps;
  for (const int64_t action : WordsOf(Vocabulary::kAction)) {
    if (action == Action::UNSPECIFIED) continue;
    CompareAction(before, after, static_cast<Action::Value>(action), limits, steps_left, diff);
  }
  OrderByEffect(diff);
  return diff;
}

absl::string_view NameOf(Change change) {
  switch (change) {
    case Change::kNone:
      return "SAME";
    case Change::kWidens:
      return "WIDENS";
    case Change::kNarrows:
      return "NARROWS";
    case Change::kAlters:
      return "ALTERS";
  }
  return {};
}

absl::string_view NameOf(Effect effect) {
  switch (effect) {
    case Effect::kSame:
      return "SAME";
    case Effect::kAlters:
      return "ALTERS";
    case Effect::kNarrows:
      return "NARROWS";
    case Effect::kWidens:
      return "WIDENS";
    case Effect::kChanges:
      return "CHANGES";
  }
  return {};
}

}  // namespace gatehouse::policy::analysis
