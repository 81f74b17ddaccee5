// What a decision says: default deny, all violations, missing facts, ways out, observed values.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kOpen[] = "permit { id: 'open' on: [GET_ACCOUNT, SIGN_IN] }\n";

std::vector<Reason::Value> ReasonsOf(const Decision& decision) {
  std::vector<Reason::Value> reasons;
  for (const Violation& violation : decision.violations) reasons.push_back(violation.reason);
  return reasons;
}

TEST(Decision, RefusesByDefault) {
  EXPECT_FALSE(Decision().allowed);
  const auto policy = CompileOrDie("");
  for (int number = -1; number <= Action::Value_ARRAYSIZE; ++number) {
    const auto action = static_cast<Action::Value>(number);
    EXPECT_FALSE(policy->Decide(action, Facts()).allowed) << number;
    EXPECT_FALSE(policy->Allows(action, Facts())) << number;
  }
}

TEST(Decision, TellsAllViolationsInTheOrderOfTheRules) {
  const auto policy = CompileOrDie(
      std::string(kOpen) +
      "require { id: 'b' on: GET_ACCOUNT that: '!account.locked' else { reason: ACCOUNT_LOCKED } }"
      "require { id: 'a' on: GET_ACCOUNT that: 'self' else { reason: ACTING_ON_SELF } }"
      "require { id: 'c' on: GET_ACCOUNT that: 'true' else { reason: NOT_LOCKED } }");
  Facts facts;
  facts.Set(Fact::kAccountLocked, true);
  facts.Set(Fact::kSelf, false);
  const Decision decision = policy->Decide(Action::GET_ACCOUNT, facts);
  EXPECT_TRUE(decision.permitted);
  EXPECT_FALSE(decision.allowed);
  EXPECT_THAT(ReasonsOf(decision), ElementsAre(Reason::ACCOUNT_LOCKED, Reason::ACTING_ON_SELF));
  EXPECT_EQ(decision.FirstReason(), Reason::ACCOUNT_LOCKED);
}

TEST(Decision, TellsNothingOfTheTargetToThoseWhomNothingPermits) {
  const auto policy = CompileOrDie(
      "permit { id: 'p' on: GET_ACCOUNT when: 'self' }"
      "require { id: 'a' on: GET_ACCOUNT that: '!account.locked' else { reason: ACCOUNT_LOCKED } }"
      "require { id: 'b' on: GET_ACCOUNT that: 'actor.session_level == FULL' "
      "  before_permission: true else { reason: SESSION_RESTRICTED } }");
  Facts facts;
  facts.Set(Fact::kSelf, false);
  facts.Set(Fact::kAccountLocked, true);
  facts.Set(Fact::kActorSessionLevel, SessionLevel::FULL);
  const Decision refused = policy->Decide(Action::GET_ACCOUNT, facts);
  EXPECT_FALSE(refused.permitted);
  EXPECT_THAT(refused.violations, IsEmpty());
  EXPECT_EQ(refused.FirstReason(), Reason::NOT_PERMITTED);
  facts.Set(Fact::kActorSessionLevel, SessionLevel::RESTRICTED);
  for (const bool self : {false, true}) {
    facts.Set(Fact::kSelf, self);
    const Decision unasked = policy->Decide(Action::GET_ACCOUNT, facts);
    EXPECT_FALSE(unasked.permitted);
    EXPECT_THAT(ReasonsOf(unasked), ElementsAre(Reason::SESSION_RESTRICTED)) << self;
  }
}

TEST(Decision, NamesTheFactThatItWaitsForAndNoOther) {
  const auto policy =
      CompileOrDie(std::string(kOpen) +
                   "require { id: 'a' on: GET_ACCOUNT that: 'self || account.aup_accepted'"
                   "  else { reason: AUP_NOT_ACCEPTED } }");
  Facts facts;
  facts.Set(Fact::kSelf, true);
  EXPECT_TRUE(policy->Allows(Action::GET_ACCOUNT, facts)) << "does not depend on the other";
  facts.Set(Fact::kSelf, false);
  const Decision decision = policy->Decide(Action::GET_ACCOUNT, facts);
  EXPECT_THAT(ReasonsOf(decision), ElementsAre(Reason::FACT_UNAVAILABLE));
  EXPECT_THAT(decision.missing_facts, ElementsAre("account.aup_accepted"));
}

TEST(Decision, RefusesWhereAnObligationCannotBeTold) {
  const auto policy = CompileOrDie(std::string(kOpen) +
                                   "oblige { id: 'o' on: SIGN_IN when: '!account.aup_current'"
                                   "  action: ACCEPT_AUP }");
  Facts facts;
  EXPECT_THAT(policy->Decide(Action::SIGN_IN, facts).missing_facts,
              ElementsAre("account.aup_current"));
  facts.Set(Fact::kAccountAupCurrent, false);
  EXPECT_THAT(policy->Decide(Action::SIGN_IN, facts).obligations,
              ElementsAre(RequiredAction::ACCEPT_AUP));
  facts.Set(Fact::kAccountAupCurrent, true);
  EXPECT_THAT(policy->Decide(Action::SIGN_IN, facts).obligations, IsEmpty());
}

TEST(Decision, HoldsAFailedExpressionAgainstTheAction) {
  const auto policy = CompileOrDie(
      "permit { id: 'p' on: SIGN_IN when: 'now > account.leaver_at' }"
      "permit { id: 'q' on: GET_ACCOUNT }"
      "require { id: 'a' on: GET_ACCOUNT that: 'now > account.leaver_at'"
      "  else { reason: ALREADY_LEAVER } }"
      "oblige { id: 'o' on: GET_ACCOUNT when: 'now > account.leaver_at' action: ACCEPT_AUP }");
  Facts facts;
  facts.Set(Fact::kNow, absl::UnixEpoch());
  facts.Set(Fact::kAccountLeaverAt, std::optional<absl::Time>());
  EXPECT_FALSE(policy->Decide(Action::SIGN_IN, facts).permitted);
  EXPECT_THAT(ReasonsOf(policy->Decide(Action::GET_ACCOUNT, facts)),
              ElementsAre(Reason::ALREADY_LEAVER));
}

TEST(Decision, OffersTheWaysThatAreOpen) {
  const auto policy =
      CompileOrDie(std::string(kOpen) +
                   "require { id: 'a' on: GET_ACCOUNT that: '!account.locked' else {"
                   "  reason: ACCOUNT_LOCKED message: 'since {account.locked_at}'"
                   "  mend { by: LOCAL_ADMIN operation: 'UnlockAccount' }"
                   "  mend { by: SELF operation: 'CompletePasswordReset' when: 'self' } } }");
  Facts facts;
  facts.Set(Fact::kNow, absl::UnixEpoch());
  facts.Set(Fact::kAccountLocked, true);
  facts.Set(Fact::kAccountLockedAt, absl::UnixEpoch() - absl::Hours(1));
  facts.Set(Fact::kSelf, false);
  const Decision decision = policy->Decide(Action::GET_ACCOUNT, facts);
  ASSERT_EQ(decision.violations.size(), 1u);
  EXPECT_THAT(decision.violations[0].mends,
              ElementsAre(Mend{MendBy::LOCAL_ADMIN, "UnlockAccount", std::nullopt}));
  EXPECT_EQ(decision.violations[0].message, "since 1969-12-31T23:00:00Z");
  EXPECT_THAT(decision.violations[0].observed, ElementsAre(Pair("account.locked", "true")));
  EXPECT_EQ(decision.eligible_time, std::nullopt);
}

TEST(Decision, ShowsTheValuesThatStoodAgainstItAndNoSecret) {
  const auto policy = CompileOrDie(
      std::string(kOpen) +
      "require { id: 'a' on: GET_ACCOUNT"
      "  that: 'account.status == ACTIVE && account.rank < actor.rank || password.length > 3'"
      "  else { reason: RANK_TOO_LOW } }");
  Facts facts;
  facts.Set(Fact::kAccountStatus, AccountStatus::ACTIVE);
  const RoleGrantFact account_roles[] = {{Role::NATIONAL_ADMIN, ""}};
  const RoleGrantFact actor_roles[] = {{Role::LOCAL_ADMIN, "x"}, {Role::AUDITOR, "x"}};
  facts.Set(Fact::kAccountRoles, account_roles);
  facts.Set(Fact::kActorRoles, actor_roles);
  facts.Set(Fact::kPasswordLength, 2);
  const Decision decision = policy->Decide(Action::GET_ACCOUNT, facts);
  ASSERT_EQ(decision.violations.size(), 1u);
  EXPECT_THAT(decision.violations[0].observed,
              ElementsAre(Pair("account.rank", "4"), Pair("actor.rank", "2")));
}

TEST(Decision, PutsDefinitionsInWhereTheyAreNamed) {
  const auto policy = CompileOrDie(
      "define { name: 'outer' value: 'inner && !account.leaver' }"
      "define { name: 'inner' value: 'self || account.locked' }"
      "permit { id: 'p' on: GET_ACCOUNT when: 'outer' }");
  Facts facts;
  facts.Set(Fact::kSelf, false);
  facts.Set(Fact::kAccountLocked, true);
  facts.Set(Fact::kAccountLeaver, false);
  EXPECT_TRUE(policy->Allows(Action::GET_ACCOUNT, facts));
  facts.Set(Fact::kAccountLeaver, true);
  EXPECT_FALSE(policy->Allows(Action::GET_ACCOUNT, facts));
}

TEST(Decision, FindsTheSameRulesByIndexAsByAskingEach) {
  // 500 rules that an index tells apart, and the same as one that it cannot.
  std::string indexed = kOpen;
  std::string plain = kOpen;
  for (int i = 0; i < 500; ++i) {
    const std::string tail = absl::StrCat("that: 'account.authentication_methods >= ", i % 7,
                                          "' else { reason: AUTHENTICATION_METHOD_REQUIRED } }\n");
    const std::string condition = absl::StrCat("account.organisation_id == 'o", i % 50, "'");
    absl::StrAppend(&indexed, "require { id: 'r", i, "' on: GET_ACCOUNT when: \"", condition, "\" ",
                    tail);
    absl::StrAppend(&plain, "require { id: 'r", i, "' on: GET_ACCOUNT when: \"!!(", condition,
                    ")\" ", tail);
  }
  const auto by_index = CompileOrDie(indexed);
  const auto by_asking = CompileOrDie(plain);
  for (int organisation = -1; organisation < 52; ++organisation) {
    for (int methods = 0; methods < 8; ++methods) {
      Facts facts;
      if (organisation >= 0) {
        facts.Set(Fact::kAccountOrganisationId, absl::StrCat("o", organisation));
      }
      facts.Set(Fact::kAccountAuthenticationMethods, methods);
      const Decision one = by_index->Decide(Action::GET_ACCOUNT, facts);
      const Decision other = by_asking->Decide(Action::GET_ACCOUNT, facts);
      ASSERT_EQ(one.allowed, other.allowed) << organisation << " " << methods;
      ASSERT_EQ(one.violations.size(), other.violations.size()) << organisation << " " << methods;
    }
  }
}

TEST(Facts, StayUnknownWhenSetToAnotherType) {
#ifdef NDEBUG
  Facts facts;
  facts.Set(Fact::kAccountLocked, 1);
  EXPECT_FALSE(facts.IsKnown(Fact::kAccountLocked));
#else
  Facts facts;
  EXPECT_DEATH(facts.Set(Fact::kAccountLocked, 1), "fits");
#endif
}

TEST(Facts, SurviveWhatTheyWereSetFrom) {
  Facts facts;
  {
    const std::string text(100, 'x');
    facts.Set(Fact::kAccountId, text);
  }
  Facts moved = std::move(facts);
  EXPECT_EQ(moved.Get(Fact::kAccountId).string_value(), std::string(100, 'x'));
}

}  // namespace
}  // namespace gatehouse::policy
