// What a diff says of single changes, and that its examples are true.

#include "policy/analysis/diff.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/analysis/answers.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kOpen[] = "permit { id: 'open' on: GET_ACCOUNT }\n";

Effect EffectOf(const PolicyDiff& diff, Action::Value action) {
  const auto found = std::find_if(diff.actions.begin(), diff.actions.end(),
                                  [&](const ActionEffect& one) { return one.action == action; });
  return found == diff.actions.end() ? Effect::kSame : found->effect;
}

PolicyDiff DiffOf(absl::string_view before, absl::string_view after) {
  return Diff(*CompileOrDie(before), *CompileOrDie(after));
}

std::string Permit(absl::string_view when) {
  return absl::StrCat("permit { id: 'a' on: GET_ACCOUNT when: \"", when, "\" }\n");
}

std::string Require(absl::string_view that, absl::string_view reason = "ACCOUNT_LOCKED") {
  return absl::StrCat("require { id: 'r' on: GET_ACCOUNT that: \"", that,
                      "\" else { reason: ", reason, " } }\n");
}

struct Pair {
  const char* before;
  const char* after;
  Effect effect;
  const char* condition;  // of the first difference
};

TEST(Diff, TellsTheConditionOfEachChange) {
  const Pair pairs[] = {
      {"self", "self", Effect::kSame, ""},
      {"self || account.locked", "account.locked || self", Effect::kSame, ""},
      {"self", "self || account.locked", Effect::kWidens, "self is not true && account.locked"},
      {"self", "self && account.locked", Effect::kNarrows, "account.locked is not true"},
      {"self", "account.locked", Effect::kChanges, "self is not true"},
      {"account.status == ACTIVE", "account.status in [ACTIVE, INACTIVE]", Effect::kWidens,
       "account.status == INACTIVE"},
      {"now - account.joined_at >= duration('24h')", "now - account.joined_at >= duration('48h')",
       Effect::kNarrows, "24h <= now - account.joined_at < 48h"},
      {"now - account.joined_at >= duration('24h')", "account.joined_at + duration('24h') <= now",
       Effect::kSame, ""},
      {"now - account.joined_at >= duration('24h')", "now - account.joined_at > duration('24h')",
       Effect::kNarrows, "now - account.joined_at == 24h"},
      {"account.verification_failures < 3", "account.verification_failures <= 3", Effect::kWidens,
       "account.verification_failures == 3"},
      {"password.guesses_log10 >= 6.0", "password.guesses_log10 >= 7.0", Effect::kNarrows,
       "password.guesses_log10 >= 6 && password.guesses_log10 < 7"},
      // Reading an absent fact never permits; only where `now` is unknown the answer names it.
      {"has(account.leaver_at) && now - account.leaver_at < duration('1h')",
       "now - account.leaver_at < duration('1h')", Effect::kAlters, "unknown"},
      // Texts that equal a third are equal.
      {"account.organisation_id == organisation.organisation_id && "
       "actor.organisation_id == organisation.organisation_id",
       "account.organisation_id == organisation.organisation_id && "
       "actor.organisation_id == organisation.organisation_id && "
       "actor.organisation_id == account.organisation_id",
       Effect::kAlters, "unknown"},
      // Distances add up.
      {"now - account.joined_at >= duration('1h') && "
       "account.joined_at - account.created_at >= duration('1h')",
       "now - account.joined_at >= duration('1h') && "
       "account.joined_at - account.created_at >= duration('1h') && "
       "now - account.created_at >= duration('2h')",
       Effect::kAlters, "unknown"},
      // Whoever holds a role somewhere holds it, and has its rank.
      {"actor.roles.exists(r, r.role == LOCAL_ADMIN && r.organisation_id == "
       "account.organisation_id)",
       "actor.roles.exists(r, r.role == LOCAL_ADMIN && r.organisation_id == "
       "account.organisation_id) && actor.rank >= 2",
       Effect::kAlters, "account.organisation_id"},
      {"actor.roles.exists(r, r.role == LOCAL_ADMIN)",
       "actor.roles.exists(r, r.role == LOCAL_ADMIN && r.organisation_id == "
       "account.organisation_id)",
       Effect::kNarrows, "actor.roles has no LOCAL_ADMIN at account.organisation_id"},
      // A list that has a word is not empty.
      {"CHANGE_PASSWORD in actor.required_actions",
       "CHANGE_PASSWORD in actor.required_actions && size(actor.required_actions) > 0",
       Effect::kSame, ""},
  };
  for (const Pair& pair : pairs) {
    SCOPED_TRACE(absl::StrCat(pair.before, "  ->  ", pair.after));
    const PolicyDiff diff = DiffOf(Permit(pair.before), Permit(pair.after));
    EXPECT_EQ(NameOf(EffectOf(diff, Action::GET_ACCOUNT)), NameOf(pair.effect));
    EXPECT_EQ(diff.effect(), pair.effect);
    EXPECT_THAT(diff.undecided, IsEmpty());
    if (diff.effect() == Effect::kSame) {
      EXPECT_THAT(diff.differences, IsEmpty());
      continue;
    }
    ASSERT_FALSE(diff.differences.empty());
    EXPECT_THAT(diff.differences[0].condition, HasSubstr(pair.condition));
    EXPECT_FALSE(diff.differences[0].possible);
  }
}

TEST(Diff, GivesExamplesThatDecidingConfirms) {
  const auto before = CompileOrDie(Permit("actor.rank > account.rank") + Require("true"));
  const auto after =
      CompileOrDie(Permit("actor.rank >= account.rank") +
                   Require("account.locked || now - account.joined_at >= duration('24h')"));
  const PolicyDiff diff = Diff(*before, *after);
  EXPECT_EQ(diff.effect(), Effect::kChanges);
  for (const Difference& difference : diff.differences) {
    SCOPED_TRACE(difference.condition);
    const Decision was = before->Decide(difference.action, difference.example);
    const Decision is = after->Decide(difference.action, difference.example);
    EXPECT_EQ(was.allowed, difference.change == Change::kNarrows);
    EXPECT_EQ(is.allowed, difference.change == Change::kWidens);
    EXPECT_EQ(InShort(was), difference.before);
    EXPECT_EQ(InShort(is), difference.after);
  }
}

TEST(Diff, SaysWhatWidensFirst) {
  const PolicyDiff diff = DiffOf(Permit("self"), Permit("account.locked"));
  ASSERT_THAT(diff.differences, SizeIs(2));
  EXPECT_EQ(diff.differences[0].change, Change::kWidens);
  EXPECT_EQ(diff.differences[1].change, Change::kNarrows);
}

TEST(Diff, TellsALostObligationAsLoosening) {
  const char oblige[] =
      "oblige { id: 'o' on: GET_ACCOUNT when: 'account.locked' "
      "action: CHANGE_PASSWORD }";
  const PolicyDiff lost = DiffOf(absl::StrCat(kOpen, oblige), kOpen);
  EXPECT_EQ(lost.effect(), Effect::kWidens)
      << "with the fact unknown, nothing has to be told any more";
  const auto loosens = std::find_if(lost.differences.begin(), lost.differences.end(),
                                    [](const Difference& one) { return one.loosens; });
  ASSERT_NE(loosens, lost.differences.end());
  EXPECT_EQ(loosens->change, Change::kAlters);
  EXPECT_EQ(loosens->condition, "CHANGE_PASSWORD is obliged to no more: account.locked");
  EXPECT_EQ(loosens->before, "allowed (CHANGE_PASSWORD)");
  EXPECT_EQ(loosens->after, "allowed");
  EXPECT_TRUE(lost.MayWiden());
}

TEST(Diff, TellsOtherReasonsWhereOnlyTheyChange) {
  const PolicyDiff diff = DiffOf(kOpen + Require("!account.locked"),
                                 kOpen + Require("!account.locked", "ACCOUNT_DISABLED"));
  EXPECT_EQ(diff.effect(), Effect::kAlters);
  EXPECT_FALSE(diff.MayWiden());
  ASSERT_THAT(diff.differences, SizeIs(1));
  EXPECT_EQ(diff.differences[0].before, "refused (ACCOUNT_LOCKED)");
  EXPECT_EQ(diff.differences[0].after, "refused (ACCOUNT_DISABLED)");
  EXPECT_EQ(diff.differences[0].condition, "account.locked");
}

TEST(Diff, TellsOtherWaysOutWhereOnlyTheyChange) {
  const auto with_mend = [](absl::string_view mend) {
    return absl::StrCat(kOpen, "require { id: 'r' on: GET_ACCOUNT that: '!account.locked' else { ",
                        "reason: ACCOUNT_LOCKED ", mend, " } }");
  };
  const PolicyDiff diff = DiffOf(
      with_mend("mend { by: LOCAL_ADMIN operation: 'UnlockAccount' }"),
      with_mend("mend { by: LOCAL_ADMIN operation: 'UnlockAccount' when: 'account.leaver' }"));
  EXPECT_EQ(diff.effect(), Effect::kAlters);
  ASSERT_THAT(diff.differences, SizeIs(1));
  EXPECT_EQ(diff.differences[0].condition, "account.locked && account.leaver is not true");
  EXPECT_THAT(diff.differences[0].after, HasSubstr("other ways out"));
  EXPECT_FALSE(diff.differences[0].possible);
}

TEST(Diff, FindsNothingInARuleThatWasSplit) {
  const PolicyDiff diff =
      DiffOf(kOpen + Require("!account.locked && !account.leaver"),
             absl::StrCat(kOpen, "require { id: 'b' on: GET_ACCOUNT when: '!account.leaver' ",
                          "that: '!account.locked' else { reason: ACCOUNT_LOCKED } }\n",
                          "require { id: 'c' on: GET_ACCOUNT that: '!account.leaver' ",
                          "else { reason: ACCOUNT_LOCKED } }"));
  for (const Difference& one : diff.differences) {
    // Only where a fact is unknown, whose name is told otherwise.
    EXPECT_THAT(one.before + one.after, HasSubstr("FACT_UNAVAILABLE")) << one.condition;
  }
  EXPECT_FALSE(diff.MayWiden());
}

TEST(Diff, MarksAsPossibleWhatItCannotInterpret) {
  const PolicyDiff shown = DiffOf(Permit("self"), Permit("self || caller.name.startsWith('x-')"));
  ASSERT_THAT(shown.differences, SizeIs(1));
  EXPECT_FALSE(shown.differences[0].possible) << "an example is easily found";
  const PolicyDiff hidden =
      DiffOf(Permit("self"), Permit("self || caller.name.matches('^[0-9]{3}-[a-f]{4}$')"));
  ASSERT_THAT(hidden.differences, SizeIs(1));
  EXPECT_TRUE(hidden.differences[0].possible);
  EXPECT_TRUE(hidden.MayWiden());
  // The same expression on both sides is the same, whatever it means.
  EXPECT_EQ(DiffOf(Permit("self && caller.name.matches('^[0-9]+$')"),
                   Permit("caller.name.matches('^[0-9]+$') && self"))
                .effect(),
            Effect::kSame);
}

TEST(Diff, SeesParametersAsWhatTheyStandFor) {
  const auto with_parameter = [](int hours) {
    return absl::StrCat("parameters { name: 'p' value: \"duration('", hours, "h')\" }\n",
                        Permit("now.getHours() > 3 && now - account.joined_at >= p"));
  };
  EXPECT_EQ(DiffOf(with_parameter(24), with_parameter(48)).effect(), Effect::kNarrows);
}

TEST(Diff, DigestStandsForBothTextsAndWhatChanges) {
  const std::string self = Permit("self");
  const std::string locked = Permit("account.locked");
  EXPECT_EQ(DiffOf(self, locked).Digest(), DiffOf(self, locked).Digest());
  EXPECT_NE(DiffOf(self, locked).Digest(), DiffOf(locked, self).Digest());
  EXPECT_NE(DiffOf(self, locked).Digest(), DiffOf(self, locked + "# a remark").Digest());
}

// Forty questions that have nothing to do with each other.
std::vector<std::string> FortyQuestions() {
  std::vector<std::string> questions;
  for (const FactInfo& info : AllFacts()) {
    if (info.type == FactType::kBool) questions.emplace_back(info.name);
    if (info.type == FactType::kOptional) questions.push_back(absl::StrCat("has(", info.name, ")"));
    if (info.type == FactType::kInt && info.vocabulary == Vocabulary::kNone &&
        info.name.find("rank") == std::string::npos) {
      questions.push_back(absl::StrCat(info.name, " > 3"));
    }
  }
  EXPECT_GE(questions.size(), 40u);
  questions.resize(40);
  return questions;
}

TEST(Diff, DecidesFortyIndependentQuestionsWithinItsBounds) {
  const std::vector<std::string> questions = FortyQuestions();
  std::vector<std::string> pairs;
  for (size_t i = 0; i < questions.size(); i += 2) {
    pairs.push_back(absl::StrCat("(", questions[i], " && ", questions[i + 1], ")"));
  }
  const std::string before = absl::StrJoin(pairs, " || ");
  pairs[7] = absl::StrCat("(", questions[14], " || ", questions[15], ")");
  const std::string after = absl::StrJoin(pairs, " || ");
  const PolicyDiff diff = DiffOf(Permit(before), Permit(after));
  EXPECT_THAT(diff.undecided, IsEmpty());
  EXPECT_EQ(diff.effect(), Effect::kWidens);
  EXPECT_FALSE(diff.differences[0].possible);
  // As a list of requirements, which is how policies have them.
  std::string requirements;
  for (size_t i = 0; i < questions.size(); ++i) {
    absl::StrAppend(&requirements, "require { id: 'r", i, "' on: GET_ACCOUNT that: '", questions[i],
                    "' else { reason: ACCOUNT_LOCKED } }\n");
  }
  const PolicyDiff fewer = DiffOf(
      kOpen + requirements,
      kOpen + absl::StrReplaceAll(requirements,
                                  {{absl::StrCat("that: '", questions[20], "'"), "that: 'true'"}}));
  EXPECT_THAT(fewer.undecided, IsEmpty());
  EXPECT_EQ(fewer.effect(), Effect::kWidens);
}

TEST(Diff, SaysWhichActionItCouldNotDecide) {
  const std::vector<std::string> questions = FortyQuestions();
  const auto before = CompileOrDie(Permit(absl::StrJoin(questions, " || ")));
  const auto after = CompileOrDie(Permit(absl::StrJoin(questions, " && ")));
  const PolicyDiff diff = Diff(*before, *after, {.steps_per_action = 50});
  ASSERT_THAT(diff.undecided, SizeIs(1));
  EXPECT_THAT(diff.undecided[0], HasSubstr("GET_ACCOUNT: whether it WIDENS"));
  EXPECT_TRUE(diff.MayWiden());
}

std::string ShippedRules() {
  std::ostringstream text;
  text << std::ifstream(absl::StrCat(GATEHOUSE_RULES_DIR, "/nhsmail.textproto")).rdbuf();
  return text.str();
}

TEST(Diff, OfALongerHoldNarrowsTheSelfServiceReset) {
  const std::string text = ShippedRules();
  const std::string longer =
      absl::StrReplaceAll(text, {{"name: \"organisation_hold\" value: \"duration('24h')\"",
                                  "name: \"organisation_hold\" value: \"duration('48h')\""}});
  ASSERT_NE(text, longer);
  const PolicyDiff diff =
      Diff(*Policy::Compile(text, "old").policy, *Policy::Compile(longer, "new").policy);
  EXPECT_THAT(diff.undecided, IsEmpty());
  EXPECT_EQ(diff.effect(), Effect::kNarrows);
  EXPECT_FALSE(diff.MayWiden());
  EXPECT_EQ(EffectOf(diff, Action::COMPLETE_PASSWORD_RESET), Effect::kNarrows);
  std::vector<std::pair<Action::Value, std::string>> narrowed;
  for (const Difference& one : diff.differences) {
    EXPECT_FALSE(one.possible) << one.condition;
    if (one.change == Change::kNarrows) narrowed.emplace_back(one.action, one.condition);
  }
  const std::string held =
      "24h <= now - account.joined_at < 48h, and everything else that is needed holds";
  EXPECT_THAT(narrowed, UnorderedElementsAre(std::pair(Action::VERIFY_PASSWORD_RESET_CODE, held),
                                             std::pair(Action::COMPLETE_PASSWORD_RESET, held)));
  ASSERT_THAT(diff.parameters, SizeIs(1));
  EXPECT_EQ(diff.parameters[0].name, "organisation_hold");
  EXPECT_EQ(diff.parameters[0].before, "24h");
  EXPECT_EQ(diff.parameters[0].after, "48h");
}

TEST(Diff, ANumberThatOperationsReadMayWidenUnlessItIsStricterForTheChange) {
  struct Case {
    const char* parameter;
    const char* before;
    const char* after;
    bool may_widen;
  };
  const std::string text = ShippedRules();
  for (const Case& one :
       {Case{"session_full_lifetime", "duration('12h')", "duration('24h')", true},
        Case{"session_full_lifetime", "duration('12h')", "duration('6h')", false},
        Case{"password_history", "4", "5", false}, Case{"password_history", "4", "3", true},
        Case{"page_size", "50", "49", true}, Case{"page_size", "50", "51", true}}) {
    const auto line = [&](const char* value) {
      return absl::StrCat("name: \"", one.parameter, "\" value: \"", value, "\"");
    };
    const std::string changed = absl::StrReplaceAll(text, {{line(one.before), line(one.after)}});
    ASSERT_NE(text, changed) << one.parameter;
    const PolicyDiff diff =
        Diff(*Policy::Compile(text, "old").policy, *Policy::Compile(changed, "new").policy);
    EXPECT_THAT(diff.parameters, SizeIs(1)) << one.parameter;
    EXPECT_EQ(diff.MayWiden(), one.may_widen) << one.parameter << " " << one.after;
  }
}

}  // namespace
}  // namespace gatehouse::policy::analysis
