// Why can't they get in: what the timeline tells, to whom, page by page.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::AccountRecord;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kNotPermitted[] = "PERMISSION_DENIED / NOT_PERMITTED";
constexpr absl::Duration kMonth = absl::Hours(720);

class TimelineTest : public testing::Test {
 protected:
  void SignIn(const std::string& username, const std::string& password,
              const std::string& address = "192.0.2.7") {
    v1::CreateSessionRequest request;
    request.set_username(username);
    request.set_password(password);
    request.mutable_client()->set_ip_address(address);
    last_sign_in_ = Outcome(world_.Call("", CreateSession, request));
    world_.Advance(absl::Seconds(1));
  }

  v1::GetAccountTimelineResponse Read(const AccountId& reader,
                                      v1::GetAccountTimelineRequest request = {}) {
    if (request.account_id().empty()) request.set_account_id(asha_.value());
    const auto answer = world_.Call(world_.Enter(reader), GetAccountTimeline, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : v1::GetAccountTimelineResponse();
  }

  static std::vector<std::string> Messages(const v1::GetAccountTimelineResponse& timeline) {
    std::vector<std::string> messages;
    for (const auto& entry : timeline.entries()) messages.push_back(entry.message());
    return messages;
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const AccountId helpdesk_ = world_.AddPerson(riverside_, "help.desk", v1::ROLE_LOCAL_HELPDESK);
  const AccountId auditor_ = world_.AddPerson(riverside_, "au.ditor", v1::ROLE_AUDITOR);
  const AccountId admin_ = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const AccountId stranger_ = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  std::string last_sign_in_;
};

TEST_F(TimelineTest, IsForAgentsAndAuditorsOfTheOrganisationAndForTheOwner) {
  v1::GetAccountTimelineRequest request;
  request.set_account_id(asha_.value());
  for (const auto& [reader, outcome] : std::vector<std::pair<AccountId, std::string>>{
           {asha_, "OK"},
           {helpdesk_, "OK"},
           {auditor_, "OK"},
           {admin_, "OK"},
           {stranger_, kNotPermitted},
           {world_.AddPerson(riverside_, "colleague"), kNotPermitted}}) {
    EXPECT_EQ(Outcome(world_.Call(world_.Enter(reader), GetAccountTimeline, request)), outcome);
  }
  request.set_account_id("AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(admin_), GetAccountTimeline, request)), kNotPermitted);
  request.set_account_id("?");
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(admin_), GetAccountTimeline, request)),
            "INVALID_ARGUMENT / FIELDS_INVALID");
}

TEST_F(TimelineTest, TellsEveryRefusalWithItsCauseAndARunOfThemAsOne) {
  SignIn("asha.patel", kPassword);
  for (int i = 0; i < 13; ++i) SignIn("asha.patel", "not-the-password-12");
  for (int i = 0; i < 5; ++i) SignIn("asha.patel", kPassword, "198.51.100.9");
  EXPECT_EQ(last_sign_in_, "UNAUTHENTICATED / INVALID_CREDENTIALS");
  const auto timeline = Read(helpdesk_);
  EXPECT_THAT(Messages(timeline),
              ElementsAre("sign-in refused: locked (5)",
                          "sign-in refused: wrong password (13), locked", "signed in"));
  EXPECT_EQ(timeline.entries(0).kind(), v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED);
  EXPECT_EQ(timeline.entries(0).count(), 5);
  EXPECT_EQ(timeline.entries(0).ip_address(), "198.51.100.9");
  EXPECT_EQ(timeline.entries(1).ip_address(), "192.0.2.7");
  EXPECT_EQ(timeline.entries(2).kind(), v1::TIMELINE_EVENT_KIND_SIGN_IN);
  EXPECT_EQ(timeline.account().state(), v1::ACCOUNT_STATE_LOCKED);
  ASSERT_FALSE(timeline.sign_in().violations().empty());
  EXPECT_EQ(timeline.sign_in().violations(0).reason(), v1::ERROR_REASON_ACCOUNT_LOCKED);
}

TEST_F(TimelineTest, TellsSinceWhenAndByWhatAnAccountIsLockedThatWasLockedInASession) {
  v1::ChangePasswordRequest change;
  change.set_current_password("not-the-password-12");
  change.set_new_password("basalt-orchard-viola-93");
  const std::string token = world_.Enter(asha_);
  for (int i = 0; i < 13; ++i) {
    EXPECT_EQ(Outcome(world_.Call(token, ChangePassword, change)),
              "FAILED_PRECONDITION / PASSWORD_WRONG");
    world_.Advance(absl::Seconds(1));
  }
  const AccountRecord account = world_.Find(asha_);
  ASSERT_TRUE(account.locked_at.has_value());
  std::vector<storage::AuditRecord> locking = world_.Audit(riverside_);
  std::erase_if(locking, [](const auto& event) { return !event.details.contains("locked"); });
  ASSERT_THAT(locking, SizeIs(1));
  EXPECT_EQ(locking[0].action, "CHANGE_PASSWORD");
  EXPECT_EQ(locking[0].outcome, v1::AUDIT_OUTCOME_DENIED);
  EXPECT_THAT(locking[0].reasons, ElementsAre("PASSWORD_WRONG"));
  EXPECT_EQ(locking[0].actor_id, asha_);
  EXPECT_EQ(locking[0].target_id, asha_);
  EXPECT_EQ(locking[0].time, *account.locked_at);
  EXPECT_THAT(Messages(Read(helpdesk_)),
              testing::Contains("change password refused: wrong password, locked"));
}

TEST_F(TimelineTest, TellsWhatAnAdministratorDidAndWhatWasRefusedToThem) {
  v1::DisableAccountRequest disable;
  disable.set_account_id(asha_.value());
  disable.set_reason("on leave");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(admin_), DisableAccount, disable)), "OK");
  world_.Advance(absl::Seconds(1));
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(admin_), DisableAccount, disable)),
            "FAILED_PRECONDITION / ACCOUNT_DISABLED");
  world_.Advance(absl::Seconds(1));
  SignIn("asha.patel", kPassword);
  const auto timeline = Read(helpdesk_);
  EXPECT_THAT(Messages(timeline),
              ElementsAre("sign-in refused: account disabled",
                          "disable account refused to la.riverside: ACCOUNT_DISABLED",
                          "disabled by la.riverside"));
  EXPECT_EQ(timeline.entries(1).kind(), v1::TIMELINE_EVENT_KIND_REFUSAL);
  EXPECT_EQ(timeline.entries(2).kind(), v1::TIMELINE_EVENT_KIND_ADMINISTRATOR_ACT);
  EXPECT_EQ(timeline.entries(2).actor_account_id(), admin_.value());
  EXPECT_GT(timeline.entries(2).audit_sequence(), 0);
}

TEST_F(TimelineTest, TellsAResecureWithHowThePersonWasKnown) {
  v1::ResecureAccountRequest resecure;
  resecure.set_account_id(asha_.value());
  resecure.set_reason("secret forgotten");
  auto& attestation = *resecure.mutable_identity_check()->mutable_attestation();
  attestation.set_kind(v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
  attestation.set_reference("desk 4");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(admin_), ResecureAccount, resecure)), "OK");
  EXPECT_THAT(Messages(Read(helpdesk_)),
              ElementsAre("resecured by la.riverside, known in person, desk 4"));
}

TEST_F(TimelineTest, TheOwnerIsToldOfNoDeviceButThoseTheySignedInAt) {
  SignIn("asha.patel", "not-the-password-12", "198.51.100.9");
  SignIn("asha.patel", kPassword, "192.0.2.7");
  v1::ChangePasswordRequest change;
  change.set_current_password(kPassword);
  change.set_new_password("another-lantern-harbour-41");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(asha_), ChangePassword, change)), "OK");
  const auto timeline = Read(asha_, {});
  EXPECT_THAT(Messages(timeline),
              ElementsAre("password changed", "signed in", "sign-in refused: wrong password"));
  EXPECT_EQ(timeline.entries(0).kind(), v1::TIMELINE_EVENT_KIND_OWN_ACT);
  EXPECT_EQ(timeline.entries(1).ip_address(), "192.0.2.7");
  EXPECT_EQ(timeline.entries(2).ip_address(), "") << "whose that was is not known";
}

TEST_F(TimelineTest, TellsWhatTimeDidWhetherItWasWrittenDownOrNot) {
  world_.Change(asha_, [&](AccountRecord& account) {
    account.status_changed_at = world_.clock().Now();
    account.last_used_at.reset();
    account.password.temporary_until = world_.clock().Now() + absl::Hours(72);
  });
  world_.Advance(2 * kMonth);
  world_.Change(helpdesk_,
                [&](AccountRecord& account) { account.last_used_at = world_.clock().Now(); });
  const auto expected =
      ElementsAre("deleted by the passing of time", "fell inactive, not having been used",
                  "temporary password expired, not having been used");
  const auto before = Read(helpdesk_);
  EXPECT_THAT(Messages(before), expected);
  EXPECT_EQ(before.entries(0).kind(), v1::TIMELINE_EVENT_KIND_HYGIENE);
  EXPECT_EQ(before.entries(0).audit_sequence(), 0);
  EXPECT_EQ(FromTimestamp(before.entries(0).time()), world_.clock().Now());
  world_.SweepAccounts();
  const auto after = Read(helpdesk_);
  EXPECT_THAT(Messages(after), expected);
  EXPECT_GT(after.entries(0).audit_sequence(), 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(after.entries(i).time().seconds(), before.entries(i).time().seconds()) << i;
  }
}

TEST_F(TimelineTest, GoesOnPageByPageWithoutLossOrRepetition) {
  for (int i = 0; i < 4; ++i) {  // four entries of three
    SignIn("asha.patel", kPassword);
    SignIn("asha.patel", "not-the-password-12");
    SignIn("asha.patel", "not-the-password-12");
  }
  const auto whole = Messages(Read(helpdesk_));
  EXPECT_THAT(whole, SizeIs(8));
  for (const int size : {1, 2, 3, 7, 8, 9}) {
    v1::GetAccountTimelineRequest request;
    request.set_page_size(size);
    std::vector<std::string> collected;
    do {
      const auto page = Read(helpdesk_, request);
      EXPECT_LE(page.entries_size(), size);
      for (const std::string& message : Messages(page)) collected.push_back(message);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && collected.size() < 99);
    EXPECT_EQ(collected, whole) << "pages of " << size;
  }
  v1::GetAccountTimelineRequest forged;
  forged.set_account_id(asha_.value());
  forged.set_page_token("AAAA");
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(helpdesk_), GetAccountTimeline, forged)),
            "INVALID_ARGUMENT / PAGE_TOKEN_INVALID");
}

TEST_F(TimelineTest, KeepsToTheTimeAskedFor) {
  SignIn("asha.patel", kPassword);
  const absl::Time middle = world_.clock().Now();
  SignIn("asha.patel", "not-the-password-12");
  v1::GetAccountTimelineRequest request;
  *request.mutable_start_time() = ToTimestamp(middle);
  EXPECT_THAT(Messages(Read(helpdesk_, request)), ElementsAre("sign-in refused: wrong password"));
  request.clear_start_time();
  *request.mutable_end_time() = ToTimestamp(middle);
  EXPECT_THAT(Messages(Read(helpdesk_, request)), ElementsAre("signed in"));
}

TEST_F(TimelineTest, AFloodOfGuessesIsToldInBoundedRoom) {
  world_.Change(asha_, [&](AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  const size_t before = world_.Audit(riverside_).size();
  for (int i = 0; i < 40; ++i) SignIn("asha.patel", kPassword, absl::StrCat("198.51.100.", i));
  EXPECT_EQ(world_.Audit(riverside_).size(), before + 1);
  EXPECT_THAT(Messages(Read(helpdesk_)), ElementsAre("sign-in refused: locked (40)"));
  world_.Advance(absl::Minutes(10));
  SignIn("asha.patel", kPassword, "203.0.113.1");
  EXPECT_EQ(world_.Audit(riverside_).size(), before + 2);
  EXPECT_EQ(world_.Audit(riverside_)[0].details.at("further"), "39");
  EXPECT_THAT(Messages(Read(helpdesk_)), ElementsAre("sign-in refused: locked (41)"));
}

TEST_F(TimelineTest, TellsWhoIsHeldUpSinceTooMuchThatWasWrongCameFromTheirAddress) {
  for (int i = 0; i < 30; ++i) SignIn(absl::StrCat("nobody.", i), "not-the-password-12");
  const size_t before = world_.Audit(riverside_).size();
  for (int i = 0; i < 3; ++i) SignIn("asha.patel", kPassword);
  EXPECT_EQ(last_sign_in_, "RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS");
  EXPECT_EQ(world_.Audit(riverside_).size(), before) << "they are counted beside the log";
  const auto timeline = Read(helpdesk_);
  EXPECT_THAT(Messages(timeline),
              ElementsAre("sign-in refused: too many attempts from this address (3)"));
  EXPECT_EQ(timeline.entries(0).ip_address(), "192.0.2.7");
  EXPECT_TRUE(timeline.sign_in().allowed()) << "from elsewhere they can";
  SignIn("asha.patel", kPassword, "192.0.2.8");
  EXPECT_EQ(last_sign_in_, "OK");
}

TEST_F(TimelineTest, AFormerOrganisationKeepsItsPart) {
  SignIn("asha.patel", kPassword);
  world_.Change(asha_, [&](AccountRecord& account) { account.organisation_id = hilltop_; });
  v1::GetAccountTimelineRequest request;
  request.set_account_id(asha_.value());
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(helpdesk_), GetAccountTimeline, request)),
            kNotPermitted);
  EXPECT_THAT(Messages(Read(stranger_)), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::server
