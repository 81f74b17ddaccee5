// Leavers and the organisations that take them.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountRecord;
using testing::ElementsAre;

constexpr char kNotPermitted[] = "PERMISSION_DENIED / NOT_PERMITTED";
constexpr absl::Duration kMonth = absl::Hours(720);
constexpr absl::Duration kTick = absl::Microseconds(1);

class JoinOrganisationTest : public testing::Test {
 protected:
  JoinOrganisationTest() { LeaveFor(absl::Hours(1)); }

  void LeaveFor(absl::Duration span) {
    world_.Change(asha_,
                  [&](AccountRecord& account) { account.leaver_at = world_.clock().Now() - span; });
  }

  v1::JoinOrganisationRequest Joining() {
    v1::JoinOrganisationRequest request;
    request.set_account_id(asha_.value());
    request.set_organisation_id(hilltop_.value());
    request.set_reason("new post");
    request.mutable_identity_check()->mutable_attestation()->set_kind(
        v1::ATTESTATION_KIND_DOCUMENT);
    return request;
  }

  std::string Join(const storage::AccountId& actor, const v1::JoinOrganisationRequest& request) {
    return Outcome(world_.Call(world_.Enter(actor), JoinOrganisation, request));
  }

  std::string Finding(const storage::AccountId& actor, absl::string_view username) {
    v1::GetAccountRequest request;
    request.set_username(std::string(username));
    return Outcome(world_.Call(world_.Enter(actor), GetAccount, request));
  }

  // Until when self-service is held back, as the account's administrator is told.
  absl::Time EndOfHold(const storage::AccountId& id, const storage::AccountId& admin) {
    v1::CheckEligibilityRequest request;
    request.set_account_id(id.value());
    request.add_actions(v1::ACTION_COMPLETE_PASSWORD_RESET);
    const auto answer = world_.Call(world_.Enter(admin), CheckEligibility, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return absl::InfinitePast();
    for (const v1::Violation& violation : answer->results(0).decision().violations()) {
      if (violation.reason() != v1::ERROR_REASON_ORGANISATION_HOLD) continue;
      for (const v1::Mend& mend : violation.mends()) {
        if (mend.by() == v1::MEND_BY_TIME) return FromTimestamp(mend.satisfied_time());
      }
    }
    return absl::InfinitePast();
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const storage::AccountId former_ =
      world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const storage::AccountId joining_ =
      world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
};

TEST_F(JoinOrganisationTest, ALeaverMovesAndTheFormerOrganisationsRightsAreGone) {
  const std::string session = world_.Enter(asha_);
  const auto joined = world_.Call(world_.Enter(joining_), JoinOrganisation, Joining());
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(joined->account().organisation_id(), hilltop_.value());
  EXPECT_EQ(joined->account().state(), v1::ACCOUNT_STATE_ACTIVE);
  EXPECT_EQ(FromTimestamp(joined->account().joined_time()), world_.clock().Now());
  EXPECT_EQ(joined->revocation().sessions_revoked(), 1);
  EXPECT_EQ(Outcome(world_.Call(session, GetAccount, {})), "UNAUTHENTICATED / SESSION_INVALID");
  EXPECT_EQ(Finding(former_, "asha.patel"), kNotPermitted);
  EXPECT_EQ(Finding(joining_, "asha.patel"), "OK");
  EXPECT_FALSE(world_.SignIn("asha.patel", kPassword).empty());
}

TEST_F(JoinOrganisationTest, TheHoldLastsTwentyFourHoursFromTheInstantOfJoining) {
  const auto holds = [&](const storage::AccountId& admin) { return EndOfHold(asha_, admin); };
  world_.Advance(absl::Hours(25));
  EXPECT_EQ(holds(former_), absl::InfinitePast()) << "the one from the beginning is over";
  const absl::Time at = world_.clock().Now();
  ASSERT_EQ(Join(joining_, Joining()), "OK");
  EXPECT_EQ(holds(joining_), at + absl::Hours(24));
  world_.Advance(absl::Hours(24) - kTick);
  EXPECT_EQ(holds(joining_), at + absl::Hours(24));
  world_.Advance(kTick);
  EXPECT_EQ(holds(joining_), absl::InfinitePast());
}

TEST_F(JoinOrganisationTest, WhoIsNewWaitsAsLongFromTheInstantOfTheirCreation) {
  v1::CreateAccountRequest request;
  request.set_organisation_id(riverside_.value());
  request.set_username("sam.osei");
  request.mutable_profile()->set_given_name("Sam");
  request.mutable_profile()->set_family_name("Osei");
  request.mutable_profile()->set_display_name("Sam Osei");
  const absl::Time at = world_.clock().Now();
  const auto created = world_.Call(world_.Enter(former_), CreateAccount, request);
  ASSERT_TRUE(created.ok()) << created.status();
  const storage::AccountId sam(created->account().account_id());
  world_.Advance(absl::Hours(24) - kTick);
  EXPECT_EQ(EndOfHold(sam, former_), at + absl::Hours(24));
  world_.Advance(kTick);
  EXPECT_EQ(EndOfHold(sam, former_), absl::InfinitePast());
}

TEST_F(JoinOrganisationTest, TheHoldBindsNoAdministrator) {
  ASSERT_EQ(Join(joining_, Joining()), "OK");
  v1::ResecureAccountRequest request;
  request.set_account_id(asha_.value());
  request.set_reason("phished");
  *request.mutable_identity_check() = Joining().identity_check();
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(joining_), ResecureAccount, request)), "OK");
}

TEST_F(JoinOrganisationTest, BothOrganisationsReadOfItAndThePersonIsTold) {
  ASSERT_EQ(Join(joining_, Joining()), "OK");
  for (const auto& log : {riverside_, hilltop_}) {
    const storage::AuditRecord event = world_.Audit(log).front();
    EXPECT_EQ(event.action, "JOIN_ORGANISATION");
    EXPECT_EQ(event.outcome, v1::AUDIT_OUTCOME_SUCCEEDED);
    EXPECT_EQ(event.actor_id, joining_);
    EXPECT_EQ(event.target_id, asha_);
    EXPECT_EQ(event.details.at("from_organisation_id"), riverside_.value());
    EXPECT_EQ(event.details.at("to_organisation_id"), hilltop_.value());
  }
  ASSERT_EQ(world_.Outbox().size(), 1u);
  EXPECT_EQ(world_.Outbox().front().kind, "ORGANISATION_JOINED");
}

TEST_F(JoinOrganisationTest, OnlyLeaversAreFoundFromElsewhere) {
  const auto colleague = world_.AddPerson(riverside_, "sam.osei");
  EXPECT_EQ(Finding(joining_, "asha.patel"), "OK");
  EXPECT_EQ(Finding(joining_, "sam.osei"), Finding(joining_, "nobody.at.all"));
  auto request = Joining();
  request.set_account_id(colleague.value());
  auto nobody = Joining();
  nobody.set_account_id("AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(world_.Call(world_.Enter(joining_), JoinOrganisation, request).status(),
            world_.Call(world_.Enter(joining_), JoinOrganisation, nobody).status());
}

TEST_F(JoinOrganisationTest, TheyAreTakenIntoTheOwnOrganisationOnly) {
  const auto lakeside = world_.AddOrganisation("Lakeside Clinic");
  auto elsewhere = Joining();
  elsewhere.set_organisation_id(lakeside.value());
  auto nowhere = Joining();
  nowhere.set_organisation_id("AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(Join(joining_, elsewhere), kNotPermitted);
  EXPECT_EQ(Join(joining_, nowhere), kNotPermitted);
  auto back = Joining();
  back.set_organisation_id(riverside_.value());
  EXPECT_EQ(Join(former_, back), "FAILED_PRECONDITION / ALREADY_MEMBER");
  EXPECT_EQ(Join(world_.AddPerson(hilltop_, "help.hilltop", v1::ROLE_LOCAL_HELPDESK), Joining()),
            kNotPermitted);
}

TEST_F(JoinOrganisationTest, NationalAdministrationTakesLeaversWhereItManages) {
  const auto national = world_.AddPerson(hilltop_, "nas.admin", v1::ROLE_NATIONAL_ADMIN);
  auto managed = Joining();
  managed.set_organisation_id(world_.AddOrganisation("Managed", /*nas_managed=*/true).value());
  EXPECT_EQ(Join(national, Joining()), kNotPermitted);
  EXPECT_EQ(Join(national, managed), "OK");
}

TEST_F(JoinOrganisationTest, ItIsOpenUntilJustBeforeThirtyDays) {
  LeaveFor(kMonth);
  EXPECT_EQ(Join(joining_, Joining()), "FAILED_PRECONDITION / ACCOUNT_DELETED");
  EXPECT_EQ(Finding(joining_, "asha.patel"), kNotPermitted);
  LeaveFor(kMonth - kTick);
  EXPECT_EQ(Join(joining_, Joining()), "OK");
  EXPECT_EQ(Join(joining_, Joining()), "FAILED_PRECONDITION / NOT_LEAVER");
}

TEST_F(JoinOrganisationTest, NobodyIsTakenUnrecognised) {
  auto unchecked = Joining();
  unchecked.clear_identity_check();
  EXPECT_EQ(Join(joining_, unchecked), "FAILED_PRECONDITION / IDENTITY_CHECK_REQUIRED");
  auto invented = Joining();
  invented.mutable_identity_check()->set_verification_id(asha_.value());
  EXPECT_EQ(Join(joining_, invented), "FAILED_PRECONDITION / VERIFICATION_INVALID");
  EXPECT_THAT(FaultyFields(world_.Call(world_.Enter(joining_), JoinOrganisation, {}).status()),
              ElementsAre("account_id", "reason", "organisation_id"));
}

TEST_F(JoinOrganisationTest, OfTwoOrganisationsOneTakesThem) {
  const auto lakeside = world_.AddOrganisation("Lakeside Clinic");
  const auto other = world_.AddPerson(lakeside, "la.lakeside", v1::ROLE_LOCAL_ADMIN);
  auto there = Joining();
  there.set_organisation_id(lakeside.value());
  const std::string token = world_.Enter(other);
  const std::string here = world_.Enter(joining_);
  world_.BeforeWrite(
      0, [&] { EXPECT_EQ(Outcome(world_.Call(token, JoinOrganisation, there)), "OK"); });
  EXPECT_EQ(Outcome(world_.Call(here, JoinOrganisation, Joining())), kNotPermitted);
  EXPECT_EQ(world_.Find(asha_).organisation_id, lakeside);
}

}  // namespace
}  // namespace gatehouse::server
