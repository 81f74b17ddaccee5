#include <string>

#include "gmock/gmock.h"

#include "server/operations/session_operations.h"
#include "tests/operations/session_world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class RevokeAllSessionsTest : public SessionWorldTest {
 protected:
  static v1::RevokeAllSessionsRequest Of(const AccountId& account,
                                         const std::string& reason = "left it on a train") {
    v1::RevokeAllSessionsRequest request;
    request.set_account_id(account.value());
    request.set_reason(reason);
    return request;
  }

  const std::string laptop_ = world_.Enter(asha_, "laptop");
  const std::string phone_ = world_.Enter(asha_, "phone");
};

TEST_F(RevokeAllSessionsTest, AllOfOnesOwnSessionsEndTheAskingOneToo) {
  const auto answer = world_.Call(laptop_, RevokeAllSessions, {});
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->revocation().sessions_revoked(), 2);
  EXPECT_EQ(answer->revocation().epoch(), world_.Find(asha_).epoch);
  EXPECT_FALSE(Lives(laptop_));
  EXPECT_FALSE(Lives(phone_));
  EXPECT_THAT(world_.Outbox(), IsEmpty());
  EXPECT_TRUE(Lives(world_.Enter(asha_)));
}

TEST_F(RevokeAllSessionsTest, KeepCurrentSparesTheAskingSessionEveryTime) {
  v1::RevokeAllSessionsRequest request;
  request.set_keep_current(true);
  ASSERT_EQ(Outcome(world_.Call(laptop_, RevokeAllSessions, request)), "OK");
  EXPECT_TRUE(Lives(laptop_));
  EXPECT_FALSE(Lives(phone_));
  const std::string tablet = world_.Enter(asha_, "tablet");
  ASSERT_EQ(Outcome(world_.Call(laptop_, RevokeAllSessions, request)), "OK");
  EXPECT_TRUE(Lives(laptop_));
  EXPECT_FALSE(Lives(tablet));
  const std::string desk = world_.Enter(asha_, "desk");
  ASSERT_EQ(Outcome(world_.Call(desk, RevokeAllSessions, request)), "OK");
  EXPECT_FALSE(Lives(laptop_));
  EXPECT_TRUE(Lives(desk));
}

TEST_F(RevokeAllSessionsTest, AnAdministratorEndsThemAllAndThePersonIsTold) {
  const std::string admin = world_.Enter(admin_);
  ASSERT_EQ(Outcome(world_.Call(admin, RevokeAllSessions, Of(asha_))), "OK");
  EXPECT_FALSE(Lives(laptop_));
  EXPECT_FALSE(Lives(phone_));
  EXPECT_TRUE(Lives(admin));
  EXPECT_THAT(world_.Outbox(), SizeIs(1));
  const auto event = world_.Audit(hilltop_)[0];
  EXPECT_EQ(event.actor_id, admin_);
  EXPECT_EQ(event.target_id, asha_);
  EXPECT_EQ(event.details.at("reason"), "left it on a train");
}

TEST_F(RevokeAllSessionsTest, WhatIsNeededDependsOnWhoseAccountItIs) {
  const std::string admin = world_.Enter(admin_);
  auto request = Of(asha_, "");
  request.set_keep_current(true);
  EXPECT_THAT(FaultyFields(world_.Call(admin, RevokeAllSessions, request).status()),
              ElementsAre("reason", "keep_current"));
  EXPECT_EQ(Outcome(world_.Call(laptop_, RevokeAllSessions, request)), "OK");
}

TEST_F(RevokeAllSessionsTest, ARefusalIsOneEventAndEndsNothing) {
  const std::string foreign = world_.Enter(foreign_admin_);
  const std::string before = world_.Everything();
  const size_t events = world_.Audit(riverside_).size();
  const auto refused = world_.Call(foreign, RevokeAllSessions, Of(asha_));
  EXPECT_EQ(Outcome(refused), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(world_.Call(foreign, RevokeAllSessions, Of(AccountId(std::string(22, 'A')))).status(),
            refused.status());
  EXPECT_EQ(world_.Everything(), before);
  // At home, whether or not there is such an account.
  ASSERT_THAT(world_.Audit(riverside_), SizeIs(events + 2));
  EXPECT_EQ(world_.Audit(riverside_)[0].outcome, v1::AUDIT_OUTCOME_DENIED);
}

TEST_F(RevokeAllSessionsTest, AHelpdeskDoesNotEndSessionsNorDoesAnEqual) {
  const std::string helpdesk =
      world_.Enter(world_.AddPerson(hilltop_, "hugo.helpdesk", v1::ROLE_LOCAL_HELPDESK));
  const std::string admin = world_.Enter(admin_);
  EXPECT_EQ(Outcome(world_.Call(helpdesk, RevokeAllSessions, Of(asha_))),
            "PERMISSION_DENIED / NOT_PERMITTED");
  const std::string colleague =
      world_.Enter(world_.AddPerson(hilltop_, "lb.hilltop", v1::ROLE_LOCAL_ADMIN));
  EXPECT_EQ(Outcome(world_.Call(colleague, RevokeAllSessions, Of(admin_))),
            "FAILED_PRECONDITION / RANK_TOO_LOW");
  EXPECT_TRUE(Lives(admin));
}

TEST_F(RevokeAllSessionsTest, ValidateOnlyEndsNothingAndProvesNothing) {
  auto request = Of(asha_);
  request.set_validate_only(true);
  const std::string admin = world_.Enter(admin_);
  const std::string before = world_.Everything();
  const auto answer = world_.Call(admin, RevokeAllSessions, request);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_FALSE(answer->has_revocation());
  EXPECT_EQ(world_.Everything(), before);
  EXPECT_TRUE(Lives(laptop_));
}

TEST_F(RevokeAllSessionsTest, ARepeatedRequestEndsOnlyWhatTheFirstOneEnded) {
  v1::RevokeAllSessionsRequest request;
  request.set_request_id(world_.NewRequestId());
  ASSERT_EQ(Outcome(world_.Call(laptop_, RevokeAllSessions, request)), "OK");
  const std::string later = world_.Enter(asha_);
  const auto replay = world_.Call(laptop_, RevokeAllSessions, request);
  ASSERT_EQ(Outcome(replay), "OK");
  EXPECT_TRUE(replay->replayed());
  EXPECT_TRUE(Lives(later));
}

TEST_F(RevokeAllSessionsTest, TheRestrictedEndNothing) {
  world_.Change(asha_,
                [](storage::AccountRecord& account) { account.password.must_change = true; });
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(asha_), RevokeAllSessions, {})),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
  EXPECT_TRUE(Lives(laptop_));
}

}  // namespace
}  // namespace gatehouse::server
