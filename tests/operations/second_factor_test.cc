// Signing in by two factors.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/errors.h"
#include "tests/operations/method_world.h"

namespace gatehouse::server {
namespace {

using testing::SizeIs;

constexpr char kChallengeInvalid[] = "UNAUTHENTICATED / CHALLENGE_INVALID";
constexpr char kCodeInvalid[] = "FAILED_PRECONDITION / CODE_INVALID";
constexpr char kMethodInvalid[] = "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID";
constexpr char kExhausted[] = "RESOURCE_EXHAUSTED / CODES_EXHAUSTED";

class SecondFactorTest : public MethodWorldTest {
 protected:
  std::string Challenge() {
    const auto answer = SignIn("asha.patel");
    EXPECT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->session_token(), "");
    return answer->second_factor().challenge_id();
  }

  absl::StatusOr<v1::AnswerSecondFactorResponse> Answer(const std::string& challenge,
                                                        const std::string& method_id,
                                                        const std::string& code) {
    v1::AnswerSecondFactorRequest request;
    request.set_challenge_id(challenge);
    request.set_method_id(method_id);
    request.set_code(code);
    return world_.Call("", AnswerSecondFactor, request);
  }

  std::string Send(const std::string& challenge, const std::string& method_id) {
    v1::SendSecondFactorCodeRequest request;
    request.set_challenge_id(challenge);
    request.set_method_id(method_id);
    return Outcome(world_.Call("", SendSecondFactorCode, request));
  }

  std::string CodeOf(const App& app) { return app.authenticator.CodeAt(world_.clock().Now()); }
};

TEST_F(SecondFactorTest, AnAppsCodeOpensTheSessionThatTheRightPasswordAskedFor) {
  const App app = AddApp(asha_);
  const auto asked = SignIn("asha.patel");
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_FALSE(asked->has_session());
  EXPECT_THAT(asked->second_factor().methods(), SizeIs(2));
  const auto answer = Answer(asked->second_factor().challenge_id(), app.method_id, CodeOf(app));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->session().level(), v1::SESSION_LEVEL_FULL);
  EXPECT_EQ(answer->session().client().device_label(), "laptop");
  EXPECT_TRUE(Lives(answer->session_token()));
  EXPECT_EQ(Outcome(Answer(asked->second_factor().challenge_id(), app.method_id, CodeOf(app))),
            kChallengeInvalid);
}

TEST_F(SecondFactorTest, AWrongPasswordIsToldNothingOfSecondFactors) {
  AddApp(asha_);
  const auto wrong = SignIn("asha.patel", "wrong");
  const auto unknown = SignIn("nobody", "wrong");
  EXPECT_EQ(wrong.status(), unknown.status());
}

TEST_F(SecondFactorTest, AnAppsCodeIsGoodOnceOverAllSignIns) {
  const App app = AddApp(asha_);
  const std::string code = CodeOf(app);
  const std::string first = Challenge();
  const std::string second = Challenge();
  EXPECT_EQ(Outcome(Answer(first, app.method_id, code)), "OK");
  EXPECT_EQ(Outcome(Answer(second, app.method_id, code)), kCodeInvalid);
  world_.Advance(absl::Seconds(30));
  EXPECT_EQ(Outcome(Answer(second, app.method_id, CodeOf(app))), "OK");
}

TEST_F(SecondFactorTest, ACodeIsSentOnlyWhereOneIsAskedForAndTheLatestIsTheOneThatCounts) {
  const std::string telephone = AddTelephone(asha_);
  const size_t before = Messages().size();
  const std::string challenge = Challenge();
  EXPECT_EQ(Messages().size(), before);
  EXPECT_EQ(Outcome(Answer(challenge, telephone, "123456")), kCodeInvalid) << "none was sent";
  ASSERT_EQ(Send(challenge, telephone), "OK");
  const std::string first = CodeSent();
  ASSERT_EQ(Send(challenge, telephone), "OK");
  const std::string second = CodeSent();
  if (first != second) {
    EXPECT_EQ(Outcome(Answer(challenge, telephone, first)), kCodeInvalid);
  }
  EXPECT_EQ(Outcome(Answer(challenge, telephone, second)), "OK");
}

TEST_F(SecondFactorTest, OneSignInsCodeIsNoneOfAnothers) {
  const std::string telephone = AddTelephone(asha_);
  const std::string mine = Challenge();
  const std::string other = Challenge();
  ASSERT_EQ(Send(mine, telephone), "OK");
  EXPECT_EQ(Outcome(Answer(other, telephone, CodeSent())), kCodeInvalid);
  EXPECT_EQ(Outcome(Answer(mine, telephone, CodeSent())), "OK");
}

TEST_F(SecondFactorTest, APrintedCodeIsGoodOnceHoweverItIsTyped) {
  const App app = AddApp(asha_);
  const auto asked = SignIn("asha.patel");
  const std::string printed = asked->second_factor().methods(1).method_id();
  std::string typed = app.printed_codes.at(3);
  for (char& c : typed) c = c == '-' ? ' ' : absl::ascii_toupper(static_cast<unsigned char>(c));
  EXPECT_EQ(Outcome(Answer(asked->second_factor().challenge_id(), printed, typed)), "OK");
  EXPECT_EQ(Outcome(Answer(Challenge(), printed, app.printed_codes.at(3))), kCodeInvalid);
  EXPECT_EQ(Outcome(Answer(Challenge(), printed, app.printed_codes.at(4))), "OK");
}

TEST_F(SecondFactorTest, NoOtherMethodWillDo) {
  const App app = AddApp(asha_);
  const auto bilal = world_.AddPerson(riverside_, "bilal.khan");
  const App other = AddApp(bilal);
  const std::string challenge = Challenge();
  EXPECT_EQ(Outcome(Answer(challenge, other.method_id, CodeOf(other))), kMethodInvalid);
  EXPECT_EQ(Send(challenge, app.method_id), kMethodInvalid) << "it makes its own";
  EXPECT_EQ(Outcome(Answer("no challenge", app.method_id, CodeOf(app))), kChallengeInvalid);
  EXPECT_EQ(Outcome(Answer(challenge, app.method_id, CodeOf(app))), "OK");
}

TEST_F(SecondFactorTest, FiveWrongCodesEndTheSignInAndTenTheDay) {
  const App app = AddApp(asha_);
  for (int sign_in = 0; sign_in < 2; ++sign_in) {
    const std::string challenge = Challenge();
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(Outcome(Answer(challenge, app.method_id, Wrong(CodeOf(app)))), kCodeInvalid);
    }
    EXPECT_EQ(Outcome(Answer(challenge, app.method_id, CodeOf(app))), kExhausted);
  }
  const auto refused = Answer(Challenge(), app.method_id, CodeOf(app));
  EXPECT_EQ(Outcome(refused), kExhausted);
  const auto retry = FindDetail<google::rpc::RetryInfo>(refused.status());
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().seconds(), absl::ToInt64Seconds(absl::Hours(24)));
  world_.Advance(absl::Hours(24) + absl::Seconds(1));
  EXPECT_EQ(Outcome(Answer(Challenge(), app.method_id, CodeOf(app))), "OK");
}

TEST_F(SecondFactorTest, AChallengeIsOverAfterTenMinutesToTheInstant) {
  const App app = AddApp(asha_);
  const std::string early = Challenge();
  const std::string late = Challenge();
  world_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_EQ(Outcome(Answer(early, app.method_id, CodeOf(app))), "OK");
  world_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Outcome(Answer(late, app.method_id, CodeOf(app))), kChallengeInvalid);
}

TEST_F(SecondFactorTest, AChallengeDiesWithEverythingThatEndsSessions) {
  const auto admin = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const App app = AddApp(asha_);
  const std::string challenge = Challenge();
  v1::ResecureAccountRequest resecure;
  resecure.set_account_id(asha_.value());
  resecure.set_reason("secret forgotten");
  resecure.mutable_identity_check()->mutable_attestation()->set_kind(
      v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(admin), ResecureAccount, resecure)), "OK");
  EXPECT_EQ(Outcome(Answer(challenge, app.method_id, CodeOf(app))), kChallengeInvalid);
}

TEST_F(SecondFactorTest, AnAccountThatWasLockedMeanwhileStaysOut) {
  const App app = AddApp(asha_);
  const std::string challenge = Challenge();
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  EXPECT_EQ(Outcome(Answer(challenge, app.method_id, CodeOf(app))),
            "FAILED_PRECONDITION / ACCOUNT_LOCKED");
}

TEST_F(SecondFactorTest, ASecretMovedToAnotherAccountOpensNothing) {
  const App app = AddApp(asha_);
  const auto bilal = world_.AddPerson(riverside_, "bilal.khan");
  const App other = AddApp(bilal);
  EXPECT_EQ(world_.accounts().Transact([&](storage::Transaction& transaction) {
    const auto stolen = transaction.ListAuthenticationMethods(asha_)->at(0);
    auto method = transaction.ListAuthenticationMethods(bilal)->at(0);
    method.ciphertext = stolen.ciphertext;
    return transaction.PutAuthenticationMethod(method);
  }),
            absl::OkStatus());
  const auto asked = SignIn("bilal.khan");
  EXPECT_EQ(Outcome(Answer(asked->second_factor().challenge_id(), other.method_id, CodeOf(app))),
            "INTERNAL / INTERNAL");
}

TEST_F(SecondFactorTest, WhatIsCountedStaysWhereTheAnswerIsARefusalAndIsAudited) {
  const App app = AddApp(asha_);
  Answer(Challenge(), app.method_id, Wrong(CodeOf(app))).IgnoreError();
  const auto event = world_.Audit(riverside_).front();
  EXPECT_EQ(event.action, "ANSWER_SECOND_FACTOR");
  EXPECT_EQ(event.outcome, v1::AUDIT_OUTCOME_DENIED);
  EXPECT_EQ(event.reasons, std::vector<std::string>{"CODE_INVALID"});
  EXPECT_EQ(event.target_id, asha_);
}

TEST_F(SecondFactorTest, OfAThousandEqualAnswersAtOnceOneOpensASession) {
  constexpr int kThreads = 8;
  constexpr int kEach = 125;
  const App app = AddApp(asha_);
  const std::string challenge = Challenge();
  const std::string code = CodeOf(app);
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        if (Answer(challenge, app.method_id, code).ok()) ++opened;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 1);
}

TEST_F(SecondFactorTest, ARepeatedAnswerHasOneEffectAndTellsNoTokenAgain) {
  const App app = AddApp(asha_);
  v1::AnswerSecondFactorRequest request;
  request.set_challenge_id(Challenge());
  request.set_method_id(app.method_id);
  request.set_code(CodeOf(app));
  request.set_request_id(world_.NewRequestId());
  const auto first = world_.Call("", AnswerSecondFactor, request);
  const auto again = world_.Call("", AnswerSecondFactor, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->session_token(), "");
  EXPECT_EQ(again->session().session_id(), first->session().session_id());
}

}  // namespace
}  // namespace gatehouse::server
