#include <string>

#include "gmock/gmock.h"

#include "server/operations/session_operations.h"
#include "tests/operations/session_world.h"

namespace gatehouse::server {
namespace {

using storage::OrganisationId;
using testing::ElementsAre;
using testing::SizeIs;

class RevokeEverythingTest : public SessionWorldTest {
 protected:
  static v1::RevokeEverythingRequest Request() {
    v1::RevokeEverythingRequest request;
    request.set_reason("the portal leaks tokens");
    return request;
  }

  const OrganisationId system_;
};

TEST_F(RevokeEverythingTest, EverybodysSessionsEndTheOperatorsTooAndSigningInGoesOn) {
  const std::string asha = world_.Enter(asha_);
  const std::string admin = world_.Enter(foreign_admin_);
  const std::string an_operator = world_.Enter(world_.AddOperator());
  const auto answer = world_.Call(an_operator, RevokeEverything, Request());
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_GT(answer->revocation().position(), 0);
  EXPECT_EQ(answer->revocation().confirmed_servers(), 1);
  for (const std::string& token : {asha, admin, an_operator}) EXPECT_FALSE(Lives(token));
  EXPECT_TRUE(Lives(world_.Enter(asha_)));
  ASSERT_THAT(world_.Audit(system_), SizeIs(1));
  EXPECT_EQ(world_.Audit(system_)[0].details.at("reason"), "the portal leaks tokens");
}

TEST_F(RevokeEverythingTest, OnlyAnOperatorStopsEverything) {
  const std::string asha = world_.Enter(asha_);
  for (const auto role : {v1::ROLE_PRIMARY_LOCAL_ADMIN, v1::ROLE_NATIONAL_ADMIN}) {
    const std::string token = world_.Enter(world_.AddPerson(hilltop_, v1::Role_Name(role), role));
    EXPECT_EQ(Outcome(world_.Call(token, RevokeEverything, Request())),
              "PERMISSION_DENIED / NOT_PERMITTED");
  }
  EXPECT_TRUE(Lives(asha));
  ASSERT_THAT(world_.Audit(system_), SizeIs(2));
  EXPECT_EQ(world_.Audit(system_)[0].outcome, v1::AUDIT_OUTCOME_DENIED);
}

TEST_F(RevokeEverythingTest, AReasonIsNeededAndValidateOnlyStopsNothing) {
  const std::string an_operator = world_.Enter(world_.AddOperator());
  EXPECT_THAT(FaultyFields(world_.Call(an_operator, RevokeEverything, {}).status()),
              ElementsAre("reason"));
  auto request = Request();
  request.set_validate_only(true);
  const auto answer = world_.Call(an_operator, RevokeEverything, request);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_FALSE(answer->has_revocation());
  EXPECT_TRUE(Lives(an_operator));
}

TEST_F(RevokeEverythingTest, ARepeatedStopIsAnsweredAndStopsNobodyTwice) {
  auto request = Request();
  request.set_request_id(world_.NewRequestId());
  const std::string an_operator = world_.Enter(world_.AddOperator());
  ASSERT_EQ(Outcome(world_.Call(an_operator, RevokeEverything, request)), "OK");
  const std::string later = world_.Enter(asha_);
  const auto replay = world_.Call(an_operator, RevokeEverything, request);
  ASSERT_EQ(Outcome(replay), "OK");
  EXPECT_TRUE(replay->replayed());
  EXPECT_TRUE(Lives(later));
}

}  // namespace
}  // namespace gatehouse::server
