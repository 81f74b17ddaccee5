// Why can't they get in, as it is read at a desk.
#include "clients/cli/views/timeline_view.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/cli/fixtures.h"

namespace gatehouse::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

v1::GetAccountTimelineResponse OneEntry(v1::TimelineEventKind kind) {
  v1::GetAccountTimelineResponse response;
  *response.add_entries() = Parse<v1::TimelineEntry>(
      absl::StrCat(R"(message: "it happened" ip_address: "192.0.2.7" time )", kAtTwo));
  response.mutable_entries(0)->set_kind(kind);
  response.mutable_account()->set_state(v1::ACCOUNT_STATE_ACTIVE);
  response.mutable_sign_in()->set_allowed(true);
  return response;
}

TEST(TimelineViewTest, ReadsFromTheEarliestToNow) {
  auto response = OneEntry(v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED);
  *response.add_entries() = Parse<v1::TimelineEntry>(R"(
    message: "resecured by la.riverside" time { seconds: 1795266031 })");
  EXPECT_EQ(RenderTimeline(response, AtDesk()),
            "14:00:31  resecured by la.riverside\n"
            "14:02:11  it happened                192.0.2.7\n"
            "Now ACTIVE: the right password gives a session.\n");
}

TEST(TimelineViewTest, EveryKindOfEventIsShownInTheToneThatIsMeantForIt) {
  const std::map<v1::TimelineEventKind, Tone> tones = {
      {v1::TIMELINE_EVENT_KIND_SIGN_IN, Tone::kGood},
      {v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED, Tone::kWarning},
      {v1::TIMELINE_EVENT_KIND_OWN_ACT, Tone::kPlain},
      {v1::TIMELINE_EVENT_KIND_ADMINISTRATOR_ACT, Tone::kPlain},
      {v1::TIMELINE_EVENT_KIND_REFUSAL, Tone::kWarning},
      {v1::TIMELINE_EVENT_KIND_HYGIENE, Tone::kPlain}};
  EXPECT_EQ(static_cast<int>(tones.size()), v1::TimelineEventKind_descriptor()->value_count() - 1)
      << "a kind has no tone here";
  Look look = AtDesk();
  look.colours = true;
  for (const auto& [kind, tone] : tones) {
    const std::string row = RenderTimeline(OneEntry(kind), look);
    EXPECT_THAT(row, HasSubstr(absl::StrCat("14:02:11  ", look.Paint(tone, "it happened"), "  ")))
        << v1::TimelineEventKind_Name(kind);
  }
}

TEST(TimelineViewTest, EndsWithWhatASignInWouldMeet) {
  v1::GetAccountTimelineResponse response = OneEntry(v1::TIMELINE_EVENT_KIND_SIGN_IN);
  response.mutable_account()->add_required_actions(v1::REQUIRED_ACTION_CHANGE_PASSWORD);
  response.mutable_account()->add_required_actions(v1::REQUIRED_ACTION_ACCEPT_AUP);
  EXPECT_THAT(RenderTimeline(response, AtDesk()),
              EndsWith("Now ACTIVE: the right password gives a session, and first asks to change "
                       "the password, accept the acceptable use policy.\n"));

  response.clear_entries();
  response.mutable_account()->set_username("asha.patel");
  response.mutable_account()->set_state(v1::ACCOUNT_STATE_LOCKED);
  *response.mutable_sign_in() = Parse<v1::Decision>(R"(
    violations {
      reason: ERROR_REASON_ACCOUNT_LOCKED
      message: "the account is locked"
      mends { by: MEND_BY_LOCAL_HELPDESK operation: "UnlockAccount" }
      mends { by: MEND_BY_LOCAL_ADMIN operation: "UnlockAccount" }
    })");
  EXPECT_EQ(
      RenderTimeline(response, AtDesk()),
      "Nothing is on record.\n"
      "Now LOCKED: a sign-in is refused.\n"
      "  ACCOUNT_LOCKED        the account is locked\n"
      "                        -> the helpdesk or a local administrator unlocks the account:\n"
      "                           gatehousectl account unlock asha.patel\n");
}

TEST(TimelineViewTest, WhatOthersWroteIsHarmlessForATerminal) {
  auto response = OneEntry(v1::TIMELINE_EVENT_KIND_ADMINISTRATOR_ACT);
  response.mutable_entries(0)->set_message("resecured, desk \x1b[2J4");
  EXPECT_THAT(RenderTimeline(response, AtDesk()), HasSubstr("resecured, desk ?[2J4"));
}

}  // namespace
}  // namespace gatehouse::cli
