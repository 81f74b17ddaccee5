// What holds of every diff, tried with policies and facts made at random. GATEHOUSE_SEED is the
// first seed, GATEHOUSE_ROUNDS sets how many there are.

#include <iostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/analysis/action_cases.h"
#include "policy/analysis/answers.h"
#include "policy/analysis/diff.h"
#include "policy/rule_set.h"
#include "tests/harness/setting.h"
#include "tests/policy/analysis/random_policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy::analysis {
namespace {

constexpr int kFactsEach = 200;
constexpr Action::Value kActions[] = {Action::SIGN_IN, Action::GET_ACCOUNT};

struct Seeds {
  const uint32_t first = static_cast<uint32_t>(harness::Setting("GATEHOUSE_SEED", 1));
  const uint32_t count = static_cast<uint32_t>(harness::Setting("GATEHOUSE_ROUNDS", 120));
  const uint32_t end = first + count;
};

Effect EffectOf(const PolicyDiff& diff, Action::Value action) {
  for (const ActionEffect& one : diff.actions) {
    if (one.action == action) return one.effect;
  }
  return Effect::kSame;
}

bool SaysWidens(Effect effect) { return effect == Effect::kWidens || effect == Effect::kChanges; }
bool SaysNarrows(Effect effect) { return effect == Effect::kNarrows || effect == Effect::kChanges; }

TEST(DiagramsOfRules, DecideAsTheEngineDoes) {
  const Seeds seeds;
  for (uint32_t seed = seeds.first; seed < seeds.end; ++seed) {
    RandomPolicies random(seed);
    const std::string text = random.Text();
    const auto policy = CompileOrDie(text);
    for (const Action::Value action : kActions) {
      AtomTable atoms;
      DiagramStore diagrams(100'000'000);
      ExpressionReader reader(atoms, diagrams);
      const ActionRules* rules = policy->rules().RulesFor(action);
      ReadAction(rules, reader, diagrams);
      atoms.Freeze(diagrams);
      const ActionCases cases = ReadAction(rules, reader, diagrams);
      for (Variable i = 0; i < atoms.size(); ++i) {
        ASSERT_NE(atoms.atom(i).kind, Atom::Kind::kOpaque) << "seed " << seed << "\n" << text;
      }
      for (int i = 0; i < kFactsEach; ++i) {
        const Facts facts = random.MakeFacts();
        const Truth allowed = diagrams.Evaluate(cases.allowed, [&](Variable variable) {
          return atoms.ValueFor(variable, facts.slots());
        });
        ASSERT_EQ(allowed == kTrue, policy->Allows(action, facts))
            << "seed " << seed << ", " << Action::Value_Name(action) << "\n"
            << text;
      }
    }
  }
}

TEST(Diff, SaysThatDecisionsDifferExactlyIfTheyDo) {
  size_t same = 0;
  size_t different = 0;
  size_t undecided = 0;
  const Seeds seeds;
  for (uint32_t seed = seeds.first; seed < seeds.end; ++seed) {
    RandomPolicies random(seed);
    const std::string before_text = random.Text();
    const std::string after_text = random.Changed(before_text);
    const auto before = CompileOrDie(before_text);
    const auto after = CompileOrDie(after_text);
    const std::string told =
        absl::StrCat("seed ", seed, "\nbefore:\n", before_text, "\nafter:\n", after_text);
    const PolicyDiff diff = Diff(*before, *after);
    if (!diff.undecided.empty()) {
      ++undecided;
      std::cout << "[ FIGURE   ] seed " << seed << " undecided: " << diff.undecided.front() << "\n";
      EXPECT_TRUE(diff.MayWiden()) << told;
      continue;
    }
    // What it tells, its examples show: deciding confirms each.
    for (const Difference& difference : diff.differences) {
      EXPECT_FALSE(difference.possible) << difference.condition << "\n" << told;
    }
    for (const Action::Value action : kActions) {
      const Effect effect = EffectOf(diff, action);
      (effect == Effect::kSame ? same : different) += 1;
      for (int i = 0; i < kFactsEach; ++i) {
        const Facts facts = random.MakeFacts();
        const bool was = before->Allows(action, facts);
        const bool is = after->Allows(action, facts);
        ASSERT_TRUE(was || !is || SaysWidens(effect)) << told;
        ASSERT_TRUE(!was || is || SaysNarrows(effect)) << told;
        if (effect != Effect::kSame && effect != Effect::kAlters) continue;
        const Decision decided = before->Decide(action, facts);
        const Decision decides = after->Decide(action, facts);
        ASSERT_EQ(decided.eligible_time, decides.eligible_time) << told;
        ASSERT_TRUE(effect == Effect::kAlters || AnswerAlike(decided, decides)) << told;
      }
    }
  }
  if (seeds.count < 20) return;
  // The property says little where one of the two never comes up.
  EXPECT_GT(same, seeds.count / 10);
  EXPECT_GT(different, seeds.count / 10);
  EXPECT_LT(undecided, seeds.count / 20);
}

}  // namespace
}  // namespace gatehouse::policy::analysis
