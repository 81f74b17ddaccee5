// Decisions as they are kept: what stays of their facts, and how they are made again.
#include "policy/recording.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/suppose.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {
namespace {

Facts Given(const std::vector<std::pair<std::string, std::string>>& given) {
  Facts facts;
  for (const auto& [name, value] : given) {
    EXPECT_EQ(Suppose(name, value, facts), absl::OkStatus()) << name;
  }
  return facts;
}

std::string TextOf(const Facts& facts, Fact fact) {
  return std::string(facts.Get(fact).string_value());
}

TEST(RecordingTest, ACopyHasEveryStateThatAFactCanBeIn) {
  const Facts facts = Given({{"now", "timestamp('2026-11-21T12:00:00Z')"},
                             {"account.leaver_at", "null"},
                             {"account.locked", "true"},
                             {"caller.name", "'portal'"},
                             {"actor.roles", "['LOCAL_ADMIN@riverside']"},
                             {"actor.required_actions", "[ACCEPT_AUP]"}});
  const Facts copy = Copy(facts);
  for (const FactInfo& info : AllFacts()) {
    EXPECT_EQ(copy.IsKnown(info.fact), facts.IsKnown(info.fact)) << info.name;
    EXPECT_EQ(copy.Get(info.fact).absent(), facts.Get(info.fact).absent()) << info.name;
  }
  EXPECT_EQ(TextOf(copy, Fact::kCallerName), "portal");
  EXPECT_EQ(copy.Get(Fact::kActorRank).int_value(), RankOf(Role::LOCAL_ADMIN));
}

TEST(RecordingTest, AFactIsWrittenAsItCanBeSupposed) {
  const std::pair<const char*, const char*> written[] = {
      {"now", "timestamp('2026-11-21T12:00:00.5Z')"},
      {"account.leaver_at", "null"},
      {"account.locked", "unknown"},
      {"account.leaver", "true"},
      {"account.status", "ACTIVE"},
      {"account.verification_failures", "-3"},
      {"caller.name", R"('it\'s "me"')"},
      {"actor.roles", "['LOCAL_ADMIN@riverside', 'OPERATOR']"},
      {"actor.required_actions", "[CHANGE_PASSWORD, ACCEPT_AUP]"},
      {"password.guesses_log10", "12.5"},
  };
  for (const auto& [name, expression] : written) {
    const Facts facts = Given({{name, expression}});
    const Fact fact = *FindFact(name);
    const std::string text = ExpressionFor(fact, facts);
    EXPECT_EQ(ExpressionFor(fact, Given({{name, text}})), text) << name;
    EXPECT_EQ(Given({{name, text}}).IsKnown(fact), facts.IsKnown(fact)) << name;
  }
  EXPECT_EQ(ExpressionFor(Fact::kActorRoles, Given({{"actor.roles", "['OPERATOR']"}})),
            "['OPERATOR']");
  EXPECT_EQ(ExpressionFor(Fact::kAccountStatus, Given({{"account.status", "ACTIVE"}})), "ACTIVE");
}

TEST(RecordingTest, IdentifiersBecomeNumbersThatKeepWhatIsEqual) {
  const Facts kept = Normalise(Given({{"actor.account_id", "'anna'"},
                                      {"actor.organisation_id", "'riverside'"},
                                      {"actor.roles", "['LOCAL_ADMIN@riverside', 'OPERATOR']"},
                                      {"account.account_id", "'asha'"},
                                      {"account.organisation_id", "'riverside'"},
                                      {"request.organisation_id", "''"}}));
  EXPECT_EQ(TextOf(kept, Fact::kActorAccountId), "#1");
  EXPECT_EQ(TextOf(kept, Fact::kAccountId), "#3");
  EXPECT_EQ(TextOf(kept, Fact::kActorOrganisationId), "#2");
  EXPECT_EQ(TextOf(kept, Fact::kAccountOrganisationId), "#2");
  EXPECT_EQ(TextOf(kept, Fact::kRequestOrganisationId), "");
  const auto roles = kept.Get(Fact::kActorRoles).list_value();
  ASSERT_EQ(roles.size(), 2u);
  EXPECT_EQ(roles[0].record_value()[1].string_value(), "#2");
  EXPECT_EQ(roles[1].record_value()[1].string_value(), "");
}

TEST(RecordingTest, RolesInManyOrganisationsKeepTheirNumbers) {
  const Facts kept = Normalise(Given({{"actor.roles",
                                       "['AUDITOR@a', 'AUDITOR@b', 'AUDITOR@c', 'AUDITOR@d', "
                                       "'AUDITOR@e', 'AUDITOR@f', 'AUDITOR@g', 'AUDITOR@a']"}}));
  std::vector<std::string> numbers;
  for (const cel::Value& role : kept.Get(Fact::kActorRoles).list_value()) {
    numbers.emplace_back(role.record_value()[1].string_value());
  }
  EXPECT_THAT(numbers, testing::ElementsAre("#1", "#2", "#3", "#4", "#5", "#6", "#7", "#1"));
}

TEST(RecordingTest, WhatWouldTellSomethingAboutASecretIsLeftOut) {
  Facts facts;
  for (const FactInfo& info : AllFacts()) {
    if (info.recording != Recording::kWithheld) continue;
    if (info.type == FactType::kInt) facts.Set(info.fact, 12);
    if (info.type == FactType::kDouble) facts.Set(info.fact, 12.5);
    EXPECT_TRUE(facts.IsKnown(info.fact)) << info.name;
  }
  const Facts kept = Normalise(facts);
  for (const FactInfo& info : AllFacts()) EXPECT_FALSE(kept.IsKnown(info.fact)) << info.name;
}

TEST(RecordingTest, ADecisionIsKeptWithoutWhatItQuotes) {
  const auto policy = CompileOrDie(R"(
      permit { id: 'all' on: GET_ACCOUNT }
      require { id: 'not-him' on: GET_ACCOUNT that: "account.account_id != 'asha'"
                else { reason: ACTING_ON_SELF message: "not {account.account_id}" } })");
  const Decision decision =
      policy->Decide(Action::GET_ACCOUNT, Given({{"account.account_id", "'asha'"}}));
  ASSERT_EQ(decision.violations.size(), 1u);
  EXPECT_FALSE(decision.violations[0].observed.empty());
  const Decision kept = WithoutQuotes(decision);
  EXPECT_EQ(kept.violations[0].rule_id, "not-him");
  EXPECT_EQ(kept.violations[0].message, "");
  EXPECT_TRUE(kept.violations[0].observed.empty());
}

struct ChangeCase {
  const char* name;
  const char* before;
  const char* after;
  Change change;
};

constexpr char kAllow[] = "permit { id: 'all' on: GET_ACCOUNT }";
constexpr char kForbid[] = "permit { id: 'all' on: SIGN_IN }";
constexpr char kLocked[] = R"(permit { id: 'all' on: GET_ACCOUNT }
  require { id: 'a' on: GET_ACCOUNT that: "!account.locked" else { reason: ACCOUNT_LOCKED } })";
constexpr char kLongSecret[] = R"(permit { id: 'all' on: GET_ACCOUNT }
  require { id: 'b' on: GET_ACCOUNT that: "secret.length > 3" else { reason: SECRET_TOO_SHORT } })";
constexpr char kLongSecretOfUnlocked[] = R"(permit { id: 'all' on: GET_ACCOUNT }
  require { id: 'a' on: GET_ACCOUNT that: "!account.locked" else { reason: ACCOUNT_LOCKED } }
  require { id: 'b' on: GET_ACCOUNT that: "secret.length > 3" else { reason: SECRET_TOO_SHORT } })";

TEST(RecordingTest, TellsWhatAnotherPolicyMakesOfADecision) {
  const ChangeCase cases[] = {
      {"the same", kAllow, kAllow, Change::kNone},
      {"refused, then allowed", kLocked, kAllow, Change::kWidens},
      {"allowed, then refused", kAllow, kLocked, Change::kNarrows},
      {"refused for another reason", kForbid, kLocked, Change::kAlters},
  };
  const Facts facts = Given({{"account.locked", "true"}});
  for (const ChangeCase& test : cases) {
    const Decision before = CompileOrDie(test.before)->Decide(Action::GET_ACCOUNT, facts);
    const Replay replay =
        DecideAgain(*CompileOrDie(test.after), Action::GET_ACCOUNT, Normalise(facts), before);
    EXPECT_EQ(replay.change, test.change) << test.name;
    EXPECT_FALSE(replay.undecided) << test.name;
  }
}

TEST(RecordingTest, AReplayThatNeedsWhatWasWithheldIsUndecidedUnlessItIsRefusedAnyway) {
  const Facts facts = Given({{"account.locked", "true"}, {"secret.length", "9"}});
  const Decision allowed = CompileOrDie(kLongSecret)->Decide(Action::GET_ACCOUNT, facts);
  ASSERT_TRUE(allowed.allowed);

  const Replay open =
      DecideAgain(*CompileOrDie(kLongSecret), Action::GET_ACCOUNT, Normalise(facts), allowed);
  EXPECT_TRUE(open.undecided);
  EXPECT_EQ(open.change, Change::kNone);

  const Replay certain = DecideAgain(*CompileOrDie(kLongSecretOfUnlocked), Action::GET_ACCOUNT,
                                     Normalise(facts), allowed);
  EXPECT_FALSE(certain.undecided);
  EXPECT_EQ(certain.change, Change::kNarrows);
}

}  // namespace
}  // namespace gatehouse::policy
