#include "clients/cli/views/policy_view.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/cli/fixtures.h"

namespace gatehouse::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Usernames& Names() {
  static const Usernames names = {{"acc1", "olive.root"}};
  return names;
}

TEST(PolicyViewTest, ShowsThePolicyInForceAndHowTheServerDoes) {
  const auto response = Parse<v1::GetPolicyResponse>(absl::StrCat(R"(
    policy { revision: "second" active: true actor_account_id: "acc1" reason: "longer hold"
             activate_time )",
                                                                  kAtTwo, R"( }
    server { revision: "second"
             shadow { revision: "third" decisions: 12 widens: 1 narrows: 2 start_time )",
                                                                  kAtTwo, R"( }
             decision_log { recorded: 14 kept: 13 dropped: 1 }
             last_reload { message: "line 3: unknown fact" time )",
                                                                  kAtTwo, R"( } })"));
  EXPECT_EQ(RenderPolicy(response, Names(), AtDesk()),
            R"(Policy second
  in force since  14:02:11
  by              olive.root
  because         longer hold
  this server     decides by it
  in shadow       third since 14:02:11: 12 decisions, of which it widens 1, narrows 2, alters 0
  decision log    14 recorded, 13 kept, 1 dropped
  last reload     14:02:11, failed and changed nothing: line 3: unknown fact
)");
}

TEST(PolicyViewTest, SaysWhenTheServerDecidesByAnotherPolicyStill) {
  const auto response = Parse<v1::GetPolicyResponse>(
      R"(policy { revision: "second" active: true } server { revision: "first" })");
  EXPECT_THAT(RenderPolicy(response, Names(), AtDesk()), HasSubstr("still decides by first"));
}

TEST(PolicyViewTest, ListsRevisionsWithWhoAndWhy) {
  const auto list = Parse<v1::ListPolicyRevisionsResponse>(absl::StrCat(R"(
    revisions { revision: "second" active: true actor_account_id: "acc1" reason: "longer hold"
                activate_time )",
                                                                        kAtTwo, R"( }
    revisions { revision: "first" reason: "given at the server's first start" activate_time )",
                                                                        kAtTwo, " }"));
  EXPECT_EQ(RenderPolicyRevisions(list, Names(), AtDesk()),
            "REVISION  IN FORCE        BY                     BECAUSE\n"
            "second    since 14:02:11  olive.root             longer hold\n"
            "first     from 14:02:11   the server's own file  given at the server's first start\n");
}

TEST(PolicyViewTest, AValidationNamesEachPlaceAndEachFailedTest) {
  const auto faulty = Parse<v1::ValidatePolicyResponse>(R"(
    diagnostics { severity: DIAGNOSTIC_SEVERITY_ERROR line: 88 column: 18
                  message: "unknown fact 'account.aup_acepted'" excerpt: "  that: \"...\"" })");
  EXPECT_FALSE(CanTakeEffect(faulty));
  EXPECT_EQ(RenderValidation(faulty, "new.textproto", AtDesk()),
            "new.textproto:88:18: error: unknown fact 'account.aup_acepted'\n"
            "      that: \"...\"\n"
            "It cannot take effect.\n");

  auto tested = Parse<v1::ValidatePolicyResponse>(R"(
    revision: "third" test_results { name: "one" passed: true }
    test_results { name: "two" message: "expected allowed, got refused" })");
  EXPECT_FALSE(CanTakeEffect(tested));
  EXPECT_EQ(RenderValidation(tested, "new.textproto", AtDesk()),
            "failed: two: expected allowed, got refused\n"
            "Revision third: 2 tests, 1 failed.\n");
  tested.mutable_test_results(1)->set_passed(true);
  EXPECT_TRUE(CanTakeEffect(tested));
  EXPECT_EQ(RenderValidation(tested, "new.textproto", AtDesk()),
            "Revision third: 2 tests, all pass.\n");
}

TEST(PolicyViewTest, ADiffTellsEachSetOfCasesWithWhatMattersOfAnExample) {
  const auto response = Parse<v1::DiffPoliciesResponse>(R"pb(
    parameters { name: "organisation_hold" before: "24h" after: "48h" }
    differences {
      action: ACTION_COMPLETE_PASSWORD_RESET
      change: POLICY_CHANGE_NARROWS
      condition: "24h <= now - account.joined_at < 48h"
      before: "allowed"
      after: "refused (ORGANISATION_HOLD)"
      example { name: "now" value: "timestamp('2026-11-21T12:00:00Z')" }
      example { name: "account.locked" value: "false" }
    }
    diff_digest: "d1"
  )pb");
  EXPECT_EQ(RenderDifferences(response, AtDesk()),
            "organisation_hold: 24h -> 48h\n"
            "  COMPLETE_PASSWORD_RESET   NARROWS\n"
            "    allowed -> refused (ORGANISATION_HOLD)\n"
            "      when 24h <= now - account.joined_at < 48h\n"
            "    for example: now = timestamp('2026-11-21T12:00:00Z')\n"
            "1 difference. Nothing is widened.\n"
            "diff digest d1\n");
  EXPECT_EQ(RenderDifferences({}, AtDesk()), "Every case is decided as before.\n");
}

TEST(PolicyViewTest, WhatWidensOrIsUndecidedIsNotCalledHarmless) {
  const auto widened = Parse<v1::DiffPoliciesResponse>(
      R"(differences { action: ACTION_GET_ACCOUNT change: POLICY_CHANGE_WIDENS possible: true })");
  EXPECT_THAT(RenderDifferences(widened, AtDesk()), HasSubstr("WIDENS (possible)"));
  EXPECT_THAT(RenderDifferences(widened, AtDesk()), HasSubstr("It may widen what is allowed"));
  const auto undecided = Parse<v1::DiffPoliciesResponse>(R"(undecided: "GET_ACCOUNT")");
  EXPECT_THAT(RenderDifferences(undecided, AtDesk()), HasSubstr("UNDECIDED   GET_ACCOUNT"));
  EXPECT_THAT(RenderDifferences(undecided, AtDesk()), Not(HasSubstr("Nothing is widened")));
}

TEST(PolicyViewTest, AReplayTellsWhatWasAndWhatWouldHaveBeen) {
  const auto response = Parse<v1::ReplayDecisionsResponse>(absl::StrCat(R"(
    changed { action: ACTION_GET_ACCOUNT change: POLICY_CHANGE_NARROWS recorded { allowed: true }
              replayed { violations { reason: ERROR_REASON_ACCOUNT_LOCKED } } time )",
                                                                        kAtTwo, R"( }
    decisions_replayed: 120 decisions_undecided: 3)"));
  EXPECT_EQ(RenderReplay(response, AtDesk()),
            "TIME      ACTION       CHANGE   WAS      WOULD BE\n"
            "14:02:11  GET_ACCOUNT  NARROWS  allowed  refused (ACCOUNT_LOCKED)\n"
            "120 decisions replayed, 1 would have been different, 3 rest on facts that are not "
            "kept.\n");
}

}  // namespace
}  // namespace gatehouse::cli
