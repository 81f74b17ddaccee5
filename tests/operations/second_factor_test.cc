// Signing in by two factors.
#include <algorithm>
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
  std::string Challenge(const std::string& password = kPassword) {
    const auto answer = SignIn("asha.patel", password);
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

  v1::AnswerSecondFactorRequest AnswerRequest(const std::string& challenge,
                                              const std::string& method_id,
                                              const std::string& code) {
    v1::AnswerSecondFactorRequest request;
    request.set_challenge_id(challenge);
    request.set_method_id(method_id);
    request.set_code(code);
    request.set_request_id(world_.NewRequestId());
    return request;
  }

  // Ten wrong codes, so that not even a right one is compared.
  void ExhaustCodes(const App& app, const std::string& password = kPassword) {
    for (int i = 0; i < 10; ++i) {
      const std::string challenge = Challenge(password);
      EXPECT_EQ(Outcome(Answer(challenge, app.method_id, Wrong(CodeOf(app)))), kCodeInvalid);
    }
    EXPECT_EQ(Outcome(Answer(Challenge(password), app.method_id, CodeOf(app))), kExhausted);
  }

  template <typename Request>
  Request AboutAsha() {
    Request request;
    request.set_account_id(asha_.value());
    request.set_reason("codes mistyped");
    request.mutable_identity_check()->mutable_attestation()->set_kind(
        v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
    return request;
  }

  // Audit events of the account's organisation, or of the system's log, by which one was refused.
  int Refusals(const storage::OrganisationId& log, const std::string& action) {
    return static_cast<int>(std::ranges::count_if(world_.Audit(log), [&](const auto& event) {
      return event.action == action && event.outcome == v1::AUDIT_OUTCOME_DENIED;
    }));
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

TEST_F(SecondFactorTest, AnAccountThatWasLockedMeanwhileStaysOutAndIsNotToldAsLocked) {
  const App app = AddApp(asha_);
  const std::string telephone = AddTelephone(asha_);
  const std::string challenge = Challenge();
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  EXPECT_EQ(Outcome(Answer(challenge, app.method_id, CodeOf(app))), kChallengeInvalid);
  EXPECT_EQ(Outcome(Answer(challenge, app.method_id, Wrong(CodeOf(app)))), kChallengeInvalid);
  EXPECT_EQ(Send(challenge, telephone), kChallengeInvalid);
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
  const auto request = AnswerRequest(Challenge(), app.method_id, CodeOf(app));
  const auto first = world_.Call("", AnswerSecondFactor, request);
  const auto again = world_.Call("", AnswerSecondFactor, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->session_token(), "");
  EXPECT_EQ(again->session().session_id(), first->session().session_id());
}

TEST_F(SecondFactorTest, ADuplicateThatComesWhileTheFirstIsAnsweredGetsItsAnswer) {
  const App app = AddApp(asha_);
  const auto request = AnswerRequest(Challenge(), app.method_id, CodeOf(app));
  absl::StatusOr<v1::AnswerSecondFactorResponse> first;
  world_.BeforeRead(1, [&] { first = world_.Call("", AnswerSecondFactor, request); });
  const auto duplicate = world_.Call("", AnswerSecondFactor, request);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->replayed());
  ASSERT_TRUE(duplicate.ok()) << duplicate.status();
  EXPECT_TRUE(duplicate->replayed());
  EXPECT_EQ(duplicate->session().session_id(), first->session().session_id());
  EXPECT_EQ(Refusals(riverside_, "ANSWER_SECOND_FACTOR"), 0);
}

TEST_F(SecondFactorTest, AWrongCodeThatIsSentAgainCountsOnceAndIsAnsweredAlike) {
  const App app = AddApp(asha_);
  const std::string challenge = Challenge();
  auto request = AnswerRequest(challenge, app.method_id, Wrong(CodeOf(app)));
  const absl::Status first = world_.Call("", AnswerSecondFactor, request).status();
  EXPECT_EQ(Outcome(first), kCodeInvalid);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(world_.Call("", AnswerSecondFactor, request).status(), first) << i;
  }
  EXPECT_EQ(Refusals(riverside_, "ANSWER_SECOND_FACTOR"), 1);
  request.set_code(CodeOf(app));
  EXPECT_EQ(Outcome(world_.Call("", AnswerSecondFactor, request)),
            "INVALID_ARGUMENT / REQUEST_ID_REUSED");
  EXPECT_EQ(Outcome(Answer(challenge, app.method_id, CodeOf(app))), "OK");
}

TEST_F(SecondFactorTest, TheOwnerIsToldOnceThatCodesAreExhaustedAndEverybodyFromWhenTheyAreNot) {
  const App app = AddApp(asha_);
  ExhaustCodes(app);
  EXPECT_EQ(std::ranges::count(Told(), "CODES_EXHAUSTED"), 1);
  world_.Advance(absl::Hours(23));
  const absl::Status refused = Answer(Challenge(), app.method_id, CodeOf(app)).status();
  EXPECT_EQ(FindDetail<google::rpc::RetryInfo>(refused)->retry_delay().seconds(), 3600);
  EXPECT_THAT(std::string(refused.message()),
              testing::HasSubstr(absl::FormatTime(
                  absl::RFC3339_sec, world_.clock().Now() + absl::Hours(1), absl::UTCTimeZone())));
}

TEST_F(SecondFactorTest, TheOwnerIsToldOnceADayHoweverOftenTheCountIsFilledAgain) {
  const absl::Duration half_a_day = absl::Hours(12) + absl::Seconds(1);
  const App app = AddApp(asha_);
  const auto try_five = [&] {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(Outcome(Answer(Challenge(), app.method_id, Wrong(CodeOf(app)))), kCodeInvalid);
    }
  };
  try_five();
  world_.Advance(half_a_day);
  try_five();
  EXPECT_EQ(std::ranges::count(Told(), "CODES_EXHAUSTED"), 1);
  world_.Advance(half_a_day);
  try_five();
  EXPECT_EQ(std::ranges::count(Told(), "CODES_EXHAUSTED"), 1);
  world_.Advance(half_a_day);
  try_five();
  EXPECT_EQ(std::ranges::count(Told(), "CODES_EXHAUSTED"), 2);
}

TEST_F(SecondFactorTest, WhoeverMayTakeTheMethodsAwayOpensItAgainAndAHelpdeskDoesNot) {
  const std::string admin =
      world_.Enter(world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN));
  const App app = AddApp(asha_);
  ExhaustCodes(app);
  auto forgotten = AboutAsha<v1::ResetPasswordRequest>();
  forgotten.set_temporary_password("basalt-orchard-one");
  ASSERT_EQ(Outcome(world_.Call(admin, ResetPassword, forgotten)), "OK");
  EXPECT_EQ(Outcome(Answer(Challenge(forgotten.temporary_password()), app.method_id, CodeOf(app))),
            kExhausted);
  auto resecure = AboutAsha<v1::ResecureAccountRequest>();
  resecure.set_temporary_password("basalt-orchard-two");
  ASSERT_EQ(Outcome(world_.Call(admin, ResecureAccount, resecure)), "OK");
  EXPECT_EQ(Outcome(Answer(Challenge(resecure.temporary_password()), app.method_id, CodeOf(app))),
            "OK");
  const auto other = world_.AddPerson(riverside_, "bilal.khan");
  AddApp(other);
  ASSERT_EQ(world_.accounts().Transact([&](storage::Transaction& transaction) {
    return transaction.CountCode(other.value(), storage::ProofPurpose::kSecondFactor,
                                 storage::CodeEvent::kWrong, world_.clock().Now());
  }),
            absl::OkStatus());
  auto reset = AboutAsha<v1::ResetAuthenticationMethodsRequest>();
  reset.set_account_id(other.value());
  ASSERT_EQ(Outcome(world_.Call(admin, ResetAuthenticationMethods, reset)), "OK");
  int64_t left = -1;
  ASSERT_TRUE(world_.accounts()
                  .Read([&](storage::Transaction& transaction) {
                    left = transaction
                               .TallyCodes(other.value(), storage::ProofPurpose::kSecondFactor,
                                           storage::CodeEvent::kWrong, absl::UnixEpoch())
                               ->count;
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(left, 0) << "a reset of methods";
}

TEST_F(SecondFactorTest, RefusalsAlikeAreOneEventHoweverManyTheyAre) {
  const App app = AddApp(asha_);
  ExhaustCodes(app);
  const int before = Refusals(riverside_, "ANSWER_SECOND_FACTOR");
  const std::string challenge = Challenge();
  world_.Advance(absl::Seconds(1));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Outcome(Answer(challenge, app.method_id, CodeOf(app))), kExhausted);
    EXPECT_EQ(Outcome(Answer("no challenge", app.method_id, CodeOf(app))), kChallengeInvalid);
  }
  EXPECT_EQ(Refusals(riverside_, "ANSWER_SECOND_FACTOR"), before);
  EXPECT_EQ(Refusals({}, "ANSWER_SECOND_FACTOR"), 1);
  v1::GetAccountTimelineRequest request;
  const auto timeline = world_.Call(world_.Enter(asha_), GetAccountTimeline, request);
  ASSERT_TRUE(timeline.ok()) << timeline.status();
  EXPECT_EQ(timeline->entries(0).message(), "sign-in refused: codes exhausted (50)");
}

TEST_F(SecondFactorTest, TheOwnerIsToldOfEachPrintedCodeOfTheLastFewAndTheSetEndsWithThem) {
  const App app = AddApp(asha_);
  const std::string printed = SignIn("asha.patel")->second_factor().methods(1).method_id();
  for (int i = 0; i < 10; ++i) {
    const auto asked = SignIn("asha.patel");
    EXPECT_EQ(asked->second_factor().methods(1).codes_left(), 10 - i);
    EXPECT_EQ(Outcome(Answer(asked->second_factor().challenge_id(), printed,
                             app.printed_codes.at(static_cast<size_t>(i)))),
              "OK");
    EXPECT_EQ(std::ranges::count(Told(), "RECOVERY_CODES_FEW"), i < 6 ? 0 : i - 5) << i;
  }
  EXPECT_EQ(notifications_.messages.back().details().at("codes_left"), "0");
  EXPECT_THAT(SignIn("asha.patel")->second_factor().methods(), SizeIs(1));
}

}  // namespace
}  // namespace gatehouse::server
