// Mutations that need no session: a token that comes along, dead or alive, changes nothing.
#include <functional>
#include <map>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/recovery_operations.h"
#include "tests/operations/method_world.h"

namespace gatehouse::server {
namespace {

class WithoutSessionTest : public MethodWorldTest {
 protected:
  // The outcome of a call, fresh each time, with this token beside it.
  using Method = std::function<std::string(const std::string& token)>;

  WithoutSessionTest() { world_.Advance(absl::Hours(25)); }

  template <typename Request, typename Response>
  Method Calling(World::Operation<Request, Response> operation,
                 std::type_identity_t<std::function<Request()>> make) {
    return [this, operation, make](const std::string& token) {
      return Outcome(world_.Call(token, operation, make()));
    };
  }

  std::map<std::string, Method> Methods() {
    const auto start_reset = [] {
      v1::StartPasswordResetRequest request;
      request.set_username("asha.patel");
      return request;
    };
    const auto revoke = [this] {
      v1::RevokeSessionRequest request;
      request.set_session_token(world_.Enter(asha_));
      return request;
    };
    return {
        {"CreateSession", Calling(CreateSession, [] { return RightPassword(); })},
        {"SendSecondFactorCode", Calling(SendSecondFactorCode, [this] { return Challenge(); })},
        {"AnswerSecondFactor", Calling(AnswerSecondFactor, [this] { return RightAnswer(); })},
        {"StartPasswordReset", Calling(StartPasswordReset, start_reset)},
        {"SendPasswordResetCode", Calling(SendPasswordResetCode, [this] { return Reset(); })},
        {"VerifyPasswordResetCode",
         Calling(VerifyPasswordResetCode, [this] { return RightCode(); })},
        {"CompletePasswordReset", Calling(CompletePasswordReset, [this] { return ProvenReset(); })},
        {"RevokeSession", Calling(RevokeSession, revoke)}};
  }

  static v1::CreateSessionRequest RightPassword() {
    v1::CreateSessionRequest request;
    request.set_username("asha.patel");
    request.set_password(kPassword);
    return request;
  }

  v1::SendSecondFactorCodeRequest Challenge() {
    v1::SendSecondFactorCodeRequest request;
    request.set_challenge_id(SignIn("asha.patel")->second_factor().challenge_id());
    request.set_method_id(telephone_);
    return request;
  }

  v1::AnswerSecondFactorRequest RightAnswer() {
    const auto sent = Challenge();
    EXPECT_EQ(Outcome(world_.Call("", SendSecondFactorCode, sent)), "OK");
    v1::AnswerSecondFactorRequest request;
    request.set_challenge_id(sent.challenge_id());
    request.set_method_id(telephone_);
    request.set_code(CodeSent());
    return request;
  }

  v1::SendPasswordResetCodeRequest Reset() {
    v1::StartPasswordResetRequest start;
    start.set_username("asha.patel");
    v1::SendPasswordResetCodeRequest request;
    request.set_reset_id(world_.Call("", StartPasswordReset, start)->reset_id());
    request.set_method_id(telephone_);
    return request;
  }

  v1::VerifyPasswordResetCodeRequest RightCode() {
    const auto sent = Reset();
    EXPECT_EQ(Outcome(world_.Call("", SendPasswordResetCode, sent)), "OK");
    v1::VerifyPasswordResetCodeRequest request;
    request.set_reset_id(sent.reset_id());
    request.set_method_id(telephone_);
    request.set_code(CodeSent());
    return request;
  }

  v1::CompletePasswordResetRequest ProvenReset() {
    const auto proven = RightCode();
    EXPECT_EQ(Outcome(world_.Call("", VerifyPasswordResetCode, proven)), "OK");
    v1::CompletePasswordResetRequest request;
    request.set_reset_id(proven.reset_id());
    request.set_new_password(absl::StrCat("basalt-orchard-viola-", ++passwords_));
    return request;
  }

  // What to hold beside a call, by what it is.
  std::map<std::string, std::string> Tokens() {
    const auto admin = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
    const std::string dead = world_.Enter(asha_);
    EXPECT_EQ(Outcome(world_.Call(dead, RevokeAllSessions, {})), "OK");
    return {{"none", ""},
            {"one that is over", dead},
            {"an administrator's", world_.Enter(admin)},
            {"nonsense", "gh1_nonsense"}};
  }

  const std::string telephone_ = AddTelephone(asha_);
  const storage::PasswordRecord password_ = world_.Find(asha_).password;
  int passwords_ = 10;
};

TEST_F(WithoutSessionTest, WhateverTokenComesAlongIsNotLookedAt) {
  for (const auto& [held, token] : Tokens()) {
    for (const auto& [name, call] : Methods()) {
      EXPECT_EQ(call(token), "OK") << name << " with " << held;
      EXPECT_TRUE(world_.Audit(riverside_)[0].actor_id.empty()) << name << " with " << held;
      world_.Change(asha_, [&](storage::AccountRecord& account) { account.password = password_; });
    }
  }
}

TEST_F(WithoutSessionTest, WhoeverForgetsADeadTokenBetweenTwoTriesIsAnsweredOnce) {
  const std::string dead = Tokens().at("one that is over");
  auto answer = RightAnswer();
  answer.set_request_id(world_.NewRequestId());
  ASSERT_EQ(Outcome(world_.Call(dead, AnswerSecondFactor, answer)), "OK");
  const auto again = world_.Call("", AnswerSecondFactor, answer);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
}

}  // namespace
}  // namespace gatehouse::server
