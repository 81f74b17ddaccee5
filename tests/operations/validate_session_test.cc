// Validation: never "valid" in doubt, and always what is true now.
#include <future>
#include <string>

#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

class ValidateSessionTest : public testing::Test {
 protected:
  absl::StatusOr<v1::ValidateSessionResponse> Validate(v1::ValidateSessionRequest request) {
    std::promise<absl::StatusOr<v1::ValidateSessionResponse>> answer;
    ValidateSession(world_.dependencies(), world_.ContextOf("", request), request,
                    [&](absl::StatusOr<v1::ValidateSessionResponse> response) {
                      answer.set_value(std::move(response));
                    });
    return answer.get_future().get();
  }

  absl::StatusOr<v1::ValidateSessionResponse> Validate(const std::string& token) {
    v1::ValidateSessionRequest request;
    request.set_session_token(token);
    return Validate(request);
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
};

TEST_F(ValidateSessionTest, TellsWhoseSessionItIs) {
  const auto answer = Validate(world_.Enter(asha_));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->session().account_id(), asha_.value());
  EXPECT_EQ(answer->organisation_id(), riverside_.value());
  EXPECT_EQ(answer->served_from(), v1::SERVED_FROM_STORE);
}

TEST_F(ValidateSessionTest, WhateverIsNoSessionIsInvalidForOneReason) {
  const std::string token = world_.Enter(asha_);
  for (const std::string& wrong :
       {std::string("gh1_"), token.substr(0, token.size() - 1), token + "A", std::string("x"),
        std::string("gh1_") + std::string(64, 'A')}) {
    EXPECT_EQ(Outcome(Validate(wrong)), "UNAUTHENTICATED / SESSION_INVALID") << wrong.size();
  }
}

TEST_F(ValidateSessionTest, ASessionEndsAtItsLastInstantAndNotBefore) {
  const std::string token = world_.Enter(asha_);
  for (int i = 0; i < 12; ++i) {
    world_.Advance(absl::Minutes(59));
    ASSERT_EQ(Outcome(Validate(token)), "OK") << i;
  }
  world_.Advance(absl::Minutes(12) - absl::Microseconds(1));
  EXPECT_EQ(Outcome(Validate(token)), "OK");
  world_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Outcome(Validate(token)), "UNAUTHENTICATED / SESSION_INVALID");
}

TEST_F(ValidateSessionTest, AnUnusedSessionEndsAfterAnHour) {
  const std::string token = world_.Enter(asha_);
  world_.Advance(absl::Minutes(60));
  EXPECT_EQ(Outcome(Validate(token)), "UNAUTHENTICATED / SESSION_INVALID");
}

TEST_F(ValidateSessionTest, RolesAreThoseOfNowAndNotOfSignIn) {
  const auto primary = world_.AddPerson(riverside_, "pla", v1::ROLE_PRIMARY_LOCAL_ADMIN);
  const std::string token = world_.Enter(asha_);
  v1::GrantRoleRequest grant;
  grant.set_account_id(asha_.value());
  grant.set_role(v1::ROLE_AUDITOR);
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(primary), GrantRole, grant)), "OK");
  const auto answer = Validate(token);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->roles_size(), 1);
  EXPECT_EQ(answer->roles(0).role(), v1::ROLE_AUDITOR);
}

TEST_F(ValidateSessionTest, AZeroStalenessIsAnsweredByAReadingThatBeganAfterTheQuestion) {
  v1::ValidateSessionRequest request;
  request.set_session_token(world_.Enter(asha_));
  request.mutable_max_staleness();
  EXPECT_EQ(Outcome(Validate(request)), "OK");
  request.mutable_max_staleness()->set_seconds(-1);
  EXPECT_EQ(Outcome(Validate(request)), "INVALID_ARGUMENT / FIELDS_INVALID");
}

TEST_F(ValidateSessionTest, ABatchAnswersEachTokenInItsPlace) {
  v1::BatchValidateSessionsRequest request;
  request.add_session_tokens("nonsense");
  request.add_session_tokens(world_.Enter(asha_));
  request.add_session_tokens("gh1_" + std::string(64, 'A'));
  std::promise<absl::StatusOr<v1::BatchValidateSessionsResponse>> promise;
  BatchValidateSessions(world_.dependencies(), world_.ContextOf("", request), request,
                        [&](absl::StatusOr<v1::BatchValidateSessionsResponse> response) {
                          promise.set_value(std::move(response));
                        });
  const auto answer = promise.get_future().get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->results_size(), 3);
  EXPECT_EQ(answer->results(0).reason(), v1::ERROR_REASON_SESSION_INVALID);
  EXPECT_EQ(answer->results(1).session().account_id(), asha_.value());
  EXPECT_EQ(answer->results(2).reason(), v1::ERROR_REASON_SESSION_INVALID);
}

}  // namespace
}  // namespace gatehouse::server
