// From when: for random rules over time and random facts, the instant told is the first one at
// which the decision is allowed, to the nanosecond; and where none is told, none there is.

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "policy/policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

constexpr int kPolicies = 300;
constexpr int kFactsEach = 20;
constexpr int kHorizon = 60;  // seconds within which everything happens

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }

  std::string Condition(int depth) {
    switch (depth == 0 ? 0 : Below(4)) {
      case 1:
        return absl::StrCat("(", Condition(depth - 1), " && ", Condition(depth - 1), ")");
      case 2:
        return absl::StrCat("(", Condition(depth - 1), " || ", Condition(depth - 1), ")");
      case 3:
        return absl::StrCat("!(", Condition(depth - 1), ")");
      default:
        return Comparison();
    }
  }

 private:
  std::string Instant() {
    static const char* const kInstants[] = {"account.joined_at", "account.created_at",
                                            "account.status_changed_at"};
    return kInstants[Below(3)];
  }

  std::string Span() { return absl::StrCat("duration('", Below(kHorizon) - 10, "s')"); }

  std::string Operator() {
    static const char* const kOperators[] = {"<", "<=", ">", ">=", "==", "!="};
    return kOperators[Below(6)];
  }

  std::string Comparison() {
    switch (Below(6)) {
      case 0:
        return absl::StrCat("now - ", Instant(), " ", Operator(), " ", Span());
      case 1:
        return absl::StrCat(Instant(), " - now ", Operator(), " ", Span());
      case 2:
        return absl::StrCat("now ", Operator(), " ", Instant(), " + ", Span());
      case 3:
        return absl::StrCat("(self ? now : ", Instant(), ") + ", Span(), " ", Operator(), " ",
                            Instant());
      case 4:
        return absl::StrCat("(now > ", Instant(), " ? ", Span(), " : ", Span(), ") ", Operator(),
                            " now - ", Instant());
      default:
        return Below(2) == 0 ? "self" : "account.locked";
    }
  }

  std::mt19937_64 random_;
};

// `now` is set apart: it moves.
Facts MakeFacts(Generator& generator, absl::Time now) {
  Facts facts;
  facts.Set(Fact::kNow, now);
  facts.Set(Fact::kSelf, generator.Below(2) == 0);
  facts.Set(Fact::kAccountLocked, generator.Below(2) == 0);
  for (const Fact fact :
       {Fact::kAccountJoinedAt, Fact::kAccountCreatedAt, Fact::kAccountStatusChangedAt}) {
    facts.Set(fact, now + absl::Seconds(generator.Below(2 * kHorizon) - kHorizon));
  }
  return facts;
}

// Every instant at which anything can change is a whole second of these, or a nanosecond beside
// one.
std::optional<absl::Time> FirstByTrying(const Policy& policy, Facts& facts, absl::Time now) {
  for (int second = 0; second <= 6 * kHorizon; ++second) {
    for (const int nanoseconds : {-1, 0, 1}) {
      const absl::Time then = now + absl::Seconds(second) + absl::Nanoseconds(nanoseconds);
      if (then <= now) continue;
      facts.Set(Fact::kNow, then);
      if (policy.Allows(Action::GET_ACCOUNT, facts)) return then;
    }
  }
  return std::nullopt;
}

TEST(EligibleTime, IsTheFirstInstantAtWhichTheDecisionIsAllowed) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Generator generator(seed);
  const absl::Time now = absl::FromUnixSeconds(1'795'262'400);
  int told = 0;
  for (int i = 0; i < kPolicies; ++i) {
    const std::string rules = absl::StrCat(
        "permit { id: 'p' on: GET_ACCOUNT }\n", "require { id: 'a' on: GET_ACCOUNT when: \"",
        generator.Condition(1), "\" that: \"", generator.Condition(2),
        "\" else { reason: ORGANISATION_HOLD } }\n", "require { id: 'b' on: GET_ACCOUNT that: \"",
        generator.Condition(2), "\" else { reason: RESTORE_PERIOD_OVER } }\n");
    SCOPED_TRACE(rules);
    const auto policy = CompileOrDie(rules);
    for (int j = 0; j < kFactsEach; ++j) {
      Facts facts = MakeFacts(generator, now);
      const Decision decision = policy->Decide(Action::GET_ACCOUNT, facts);
      if (decision.allowed) {
        EXPECT_EQ(decision.eligible_time, std::nullopt);
        continue;
      }
      const std::optional<absl::Time> expected = FirstByTrying(*policy, facts, now);
      ASSERT_EQ(decision.eligible_time, expected);
      told += expected.has_value() ? 1 : 0;
    }
  }
  EXPECT_GT(told, kPolicies) << "the test must meet what it tests";
}

TEST(EligibleTime, IsExactToTheMicrosecond) {
  const auto policy = CompileOrDie(
      "permit { id: 'p' on: GET_ACCOUNT }"
      "require { id: 'a' on: GET_ACCOUNT that: 'now - account.joined_at >= organisation_hold'"
      "  else { reason: ORGANISATION_HOLD } }");
  const absl::Time joined = absl::FromUnixMicros(1'795'262'400'123'457);
  Facts facts;
  facts.Set(Fact::kNow, joined);
  facts.Set(Fact::kAccountJoinedAt, joined);
  const Decision decision = policy->Decide(Action::GET_ACCOUNT, facts);
  ASSERT_EQ(decision.eligible_time, joined + absl::Hours(1));
  ASSERT_EQ(decision.violations[0].mends.back(), (Mend{MendBy::TIME, "", joined + absl::Hours(1)}));
  facts.Set(Fact::kNow, *decision.eligible_time - absl::Microseconds(1));
  EXPECT_FALSE(policy->Allows(Action::GET_ACCOUNT, facts));
  facts.Set(Fact::kNow, *decision.eligible_time);
  EXPECT_TRUE(policy->Allows(Action::GET_ACCOUNT, facts));
}

TEST(EligibleTime, IsAbsentWhereAnotherRuleStandsAgainstItForGood) {
  const auto policy = CompileOrDie(
      "permit { id: 'p' on: GET_ACCOUNT }"
      "require { id: 'a' on: GET_ACCOUNT that: 'now - account.joined_at >= organisation_hold'"
      "  else { reason: ORGANISATION_HOLD } }"
      "require { id: 'b' on: GET_ACCOUNT that: 'self' else { reason: ACTING_ON_SELF } }");
  Facts facts;
  facts.Set(Fact::kNow, absl::UnixEpoch());
  facts.Set(Fact::kAccountJoinedAt, absl::UnixEpoch());
  facts.Set(Fact::kSelf, false);
  const Decision decision = policy->Decide(Action::GET_ACCOUNT, facts);
  EXPECT_EQ(decision.eligible_time, std::nullopt);
  EXPECT_EQ(decision.violations[0].mends.back().satisfied_time, absl::UnixEpoch() + absl::Hours(1))
      << "waiting mends the one rule, if not the whole";
}

}  // namespace
}  // namespace gatehouse::policy
