// The rules before and after a line of dashes: whatever they are, their difference is told within
// its bounds. Every example that is not marked as possible is decided otherwise by the two, as is
// told; no decision on facts made at random changes in a way that is not; the way back undoes what
// the way there did; and a policy differs in nothing from itself.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "policy/analysis/answers.h"
#include "policy/analysis/diff.h"
#include "policy/policy.h"
#include "tests/policy/analysis/random_policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy::analysis {
namespace {

constexpr DiffLimits kLimits = {.steps_per_action = 20'000, .steps = 100'000, .conditions = 10};

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsUndecided(const PolicyDiff& diff, Action::Value action) {
  const std::string begins = absl::StrCat(Action::Value_Name(action), ":");
  return std::any_of(diff.undecided.begin(), diff.undecided.end(),
                     [&](const std::string& one) { return absl::StartsWith(one, begins); });
}

bool IsCertain(const PolicyDiff& diff) {
  return diff.undecided.empty() &&
         std::none_of(diff.differences.begin(), diff.differences.end(),
                      [](const Difference& difference) { return difference.possible; });
}

Effect Undone(Effect effect) {
  if (effect == Effect::kWidens) return Effect::kNarrows;
  return effect == Effect::kNarrows ? Effect::kWidens : effect;
}

void CheckExamples(const Policy& before, const Policy& after, const PolicyDiff& diff) {
  for (const Difference& difference : diff.differences) {
    Require(!difference.condition.empty());
    if (difference.possible) continue;
    const Decision was = before.Decide(difference.action, difference.example);
    const Decision is = after.Decide(difference.action, difference.example);
    if (difference.change == Change::kAlters) {
      Require(was.allowed == is.allowed && !AnswerAlike(was, is));
    } else {
      Require(was.allowed == (difference.change == Change::kNarrows) && was.allowed != is.allowed);
    }
  }
}

void CheckRandomDecisions(const Policy& before, const Policy& after, const PolicyDiff& diff,
                          uint32_t seed) {
  RandomPolicies random(seed);
  for (int i = 0; i < 16; ++i) {
    const Facts facts = random.MakeFacts();
    for (const auto& [action, effect] : diff.actions) {
      if (IsUndecided(diff, action)) continue;
      const bool was = before.Allows(action, facts);
      const bool is = after.Allows(action, facts);
      const bool changes = effect == Effect::kChanges;
      Require(was || !is || changes || effect == Effect::kWidens);
      Require(!was || is || changes || effect == Effect::kNarrows);
      if (effect != Effect::kSame) continue;
      Require(AnswerAlike(before.Decide(action, facts), after.Decide(action, facts)));
    }
  }
}

void CheckSame(const Policy& policy) {
  const PolicyDiff diff = Diff(policy, policy, kLimits);
  Require(diff.differences.empty() && diff.undecided.empty() && diff.parameters.empty());
  Require(diff.effect() == Effect::kSame && !diff.MayWiden());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr absl::string_view kBetween = "\n---\n";
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t between = text.find(kBetween);
  if (between == absl::string_view::npos) return 0;
  const auto before = Policy::Compile(PolicyText(text.substr(0, between)), "before").policy;
  const auto after =
      Policy::Compile(PolicyText(text.substr(between + kBetween.size())), "after").policy;
  if (before == nullptr || after == nullptr) return 0;
  const PolicyDiff diff = Diff(*before, *after, kLimits);
  Require(Diff(*before, *after, kLimits).Digest() == diff.Digest());
  Require(diff.MayWiden() || diff.undecided.empty());
  CheckSame(*before);
  CheckExamples(*before, *after, diff);
  CheckRandomDecisions(*before, *after, diff, static_cast<uint32_t>(size));
  const PolicyDiff back = Diff(*after, *before, kLimits);
  if (!IsCertain(diff) || !IsCertain(back)) return 0;
  for (size_t i = 0; i < diff.actions.size(); ++i) {
    Require(back.actions[i].effect == Undone(diff.actions[i].effect));
  }
  return 0;
}

}  // namespace gatehouse::policy::analysis
