// What is counted of recognising a caller: failures, what closes it and for how long, and that
// neither haste nor repetition buys a guess.
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/decision.pb.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "tests/operations/verification_world.h"

namespace gatehouse::server {
namespace {

class VerificationFailuresTest : public VerificationWorldTest {
 protected:
  // Answers so that the attempt is counted and no more is written: somebody is always quicker.
  absl::StatusOr<Answered> AnswerUnfinished(const std::string& token,
                                            const v1::AnswerIdentityVerificationRequest& request) {
    int passed = 0;
    world_.accounts().BeforeWrite([&passed] {
      return ++passed == 1 ? absl::OkStatus() : absl::AbortedError("somebody was quicker");
    });
    auto answered = world_.Call(token, AnswerIdentityVerification, request);
    world_.accounts().BeforeWrite(nullptr);
    return answered;
  }
};

TEST_F(VerificationFailuresTest, ThreeFailuresCloseItForAnHourEvenForTheRightLetters) {
  const Started open = MustStart(other_agent_);
  for (const char* outcome : {"FAILED", "FAILED", "FAILED"}) EXPECT_EQ(Try(agent_, false), outcome);
  const absl::Time closed_until = world_.clock().Now() + absl::Hours(1);

  const auto answered = Answer(other_agent_, open.verification_id(), Right(open));
  ASSERT_EQ(OutcomeOf(answered), "CLOSED");
  EXPECT_EQ(answered->closed_until_time().seconds(), absl::ToUnixSeconds(closed_until));
  const auto refused = Start(agent_, asha_);
  EXPECT_EQ(Outcome(refused), kClosed);
  EXPECT_EQ(FindDetail<v1::Decision>(refused.status())->eligible_time().seconds(),
            absl::ToUnixSeconds(closed_until));

  world_.Advance(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(Try(agent_, true), kClosed);
  world_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
}

TEST_F(VerificationFailuresTest, TheThirdFailureTellsUntilWhenItIsClosed) {
  const int64_t opens = absl::ToUnixSeconds(world_.clock().Now() + absl::Hours(1));
  for (const bool closes : {false, false, true}) {
    const Started started = MustStart(agent_);
    const auto answered = Answer(agent_, started.verification_id(), Wrong());
    ASSERT_EQ(OutcomeOf(answered), "FAILED");
    EXPECT_EQ(answered->has_closed_until_time(), closes);
    EXPECT_EQ(answered->has_closure(), closes);
    EXPECT_EQ(answered->closed_until_time().seconds(), closes ? opens : 0);
    EXPECT_EQ(answered->closure().eligible_time().seconds(), closes ? opens : 0);
  }
}

TEST_F(VerificationFailuresTest, AFailureThatClosesItTellsNothingThatOtherRulesWouldSay) {
  for (const bool closes : {false, false}) EXPECT_EQ(Try(agent_, closes), "FAILED");
  const Started last = MustStart(agent_);
  world_.ChangePolicy(absl::StrCat(
      world_.policies().Get()->text(),
      "require { id: 'more' on: START_IDENTITY_VERIFICATION that: \"account.status == DISABLED\" ",
      "else { reason: ACCOUNT_NOT_ACTIVE message: 'the account is not what is looked for' } }"));
  EXPECT_EQ(Outcome(Start(other_agent_, asha_)), "FAILED_PRECONDITION / ACCOUNT_NOT_ACTIVE");
  const auto answered = Answer(agent_, last.verification_id(), Wrong());
  ASSERT_EQ(OutcomeOf(answered), "FAILED");
  ASSERT_EQ(answered->closure().violations_size(), 1);
  EXPECT_EQ(answered->closure().violations(0).reason(), v1::ERROR_REASON_VERIFICATION_CLOSED);
}

TEST_F(VerificationFailuresTest, TheNinthFailureTellsThatOnlyANewSecretOpensItAndWhoCanSeeToIt) {
  for (int failure = 1; failure < 9; ++failure) {
    EXPECT_EQ(Try(agent_, false), "FAILED") << failure;
    if (failure % 3 == 0) world_.Advance(absl::Hours(1));
  }
  const Started open = MustStart(other_agent_);
  const Started last = MustStart(agent_);
  const auto ninth = Answer(agent_, last.verification_id(), Wrong());
  const auto after = Answer(other_agent_, open.verification_id(), Right(open));
  EXPECT_EQ(OutcomeOf(ninth), "FAILED");
  EXPECT_EQ(OutcomeOf(after), "CLOSED");
  for (const auto& told : {ninth, after}) {
    ASSERT_TRUE(told->has_closure());
    EXPECT_FALSE(told->has_closed_until_time());
    EXPECT_FALSE(told->closure().has_eligible_time());
    ASSERT_EQ(told->closure().violations_size(), 1);
    const v1::Violation& violation = told->closure().violations(0);
    EXPECT_EQ(violation.reason(), v1::ERROR_REASON_VERIFICATION_CLOSED);
    ASSERT_EQ(violation.mends_size(), 2);
    EXPECT_EQ(violation.mends(0).operation(), "SetAccountSecret");
    EXPECT_EQ(violation.mends(1).operation(), "ResecureAccount");
  }
}

TEST_F(VerificationFailuresTest, ASuccessNamesTheGrantAndNothingElseDoes) {
  const Started failed = MustStart(agent_);
  EXPECT_EQ(Answer(agent_, failed.verification_id(), Wrong())->verification_id(), "");
  const Started right = MustStart(agent_);
  const auto answered = Answer(agent_, right.verification_id(), Right(right));
  EXPECT_EQ(answered->verification_id(), right.verification_id());
  EXPECT_FALSE(answered->has_closure());
}

TEST_F(VerificationFailuresTest, NineFailuresWithoutASuccessCloseItUntilANewSecret) {
  for (int failure = 1; failure <= 9; ++failure) {
    EXPECT_EQ(Try(agent_, false), "FAILED") << failure;
    if (failure % 3 == 0) world_.Advance(absl::Hours(1));
  }
  EXPECT_EQ(Try(agent_, true), kClosed);
  world_.Advance(absl::Hours(24));
  const auto refused = Start(agent_, asha_);
  EXPECT_EQ(Outcome(refused), kClosed);
  EXPECT_FALSE(FindDetail<v1::Decision>(refused.status())->has_eligible_time());
  ASSERT_EQ(Outcome(SetSecret("MARMALADEJAR")), "OK");
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "OK");
}

// The way out that the seed of the resecure names.
TEST_F(VerificationFailuresTest, WhoeverIsNotRecognisedAnyMoreCanBeSecuredAnew) {
  for (int failure = 1; failure <= 9; ++failure) {
    EXPECT_EQ(Try(agent_, false), "FAILED") << failure;
    if (failure % 3 == 0) world_.Advance(absl::Hours(1));
  }
  ASSERT_EQ(Try(agent_, true), kClosed);
  v1::ResecureAccountRequest request;
  request.set_account_id(asha_.value());
  request.set_reason("not recognised");
  request.mutable_identity_check()->mutable_attestation()->set_kind(
      v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(admin_), ResecureAccount, request)), "OK");
}

TEST_F(VerificationFailuresTest, ASuccessForgetsTheFailuresBeforeIt) {
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(Try(agent_, false), "FAILED");
    EXPECT_EQ(Try(other_agent_, false), "FAILED");
    EXPECT_EQ(Try(agent_, true), "SUCCESS") << round;
  }
}

TEST_F(VerificationFailuresTest, ItNeverLocksTheAccount) {
  for (int failure = 0; failure < 3; ++failure) EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_FALSE(world_.SignIn("asha.patel", kPassword).empty());
}

TEST_F(VerificationFailuresTest, AnAnswerIsTakenForTenMinutesExactly) {
  const Started in_time = MustStart(agent_);
  world_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_EQ(OutcomeOf(Answer(agent_, in_time.verification_id(), Right(in_time))), "SUCCESS");
  const Started too_late = MustStart(agent_);
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(Answer(agent_, too_late.verification_id(), Right(too_late))), kInvalid);
}

TEST_F(VerificationFailuresTest, WhatNobodyAnswersIsAFailureOfTheInstantAtWhichItExpires) {
  BeginThree();
  world_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  const storage::AccountId third_agent =
      world_.AddPerson(riverside_, "desk.three", v1::ROLE_LOCAL_HELPDESK);
  const Started last = MustStart(third_agent);
  world_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
  EXPECT_EQ(OutcomeOf(Answer(third_agent, last.verification_id(), Right(last))), "CLOSED");
  world_.Advance(absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
  world_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "OK");
}

TEST_F(VerificationFailuresTest, ANewEpochForgetsNoFailure) {
  BeginThree();
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
  world_.Change(asha_, [](storage::AccountRecord& account) { ++account.epoch; });
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
}

TEST_F(VerificationFailuresTest, WhatNobodyCouldAnswerAnyMoreIsNoFailureAndWhatExpiredBeforeIsOne) {
  const auto reset_password = [this] {
    v1::ResetPasswordRequest reset;
    reset.set_account_id(asha_.value());
    reset.set_reason("recognised by other means");
    reset.mutable_identity_check()->mutable_attestation()->set_kind(
        v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
    EXPECT_EQ(Outcome(world_.Call(world_.Enter(admin_), ResetPassword, reset)), "OK");
  };
  BeginThree();
  reset_password();
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "OK") << "three of them ended with the old epoch";
  world_.Advance(absl::Minutes(10));
  reset_password();
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "OK") << "two have failed";
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed) << "the one that expired counts";
}

TEST_F(VerificationFailuresTest, WhatExpiresWhileItIsClosedIsNotCounted) {
  MustStart(agent_);
  for (int i = 0; i < 20; ++i) Insert({1, 2, 3});
  world_.Advance(absl::Minutes(70));  // three of them closed it; the others could not be answered
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
}

TEST_F(VerificationFailuresTest, OfParallelAnswersNoMoreThanThreeAreCompared) {
  constexpr int kAnswers = 24;
  const Started right = MustStart(other_agent_);
  std::vector<std::string> ids;
  for (int i = 0; i < kAnswers; ++i) ids.push_back(Insert({1, 2, 3}));
  const std::string token = world_.Enter(agent_);
  std::vector<std::string> outcomes(kAnswers);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kAnswers; ++i) {
    threads.emplace_back([&, i] {
      outcomes[i] =
          OutcomeOf(world_.Call(token, AnswerIdentityVerification, AnswerRequest(ids[i], Wrong())));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << kAnswers
            << " parallel answers: " << std::count(outcomes.begin(), outcomes.end(), "FAILED")
            << " compared\n";
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "FAILED"), 3);
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "CLOSED"), kAnswers - 3);
  EXPECT_EQ(OutcomeOf(Answer(other_agent_, right.verification_id(), Right(right))), "CLOSED");
}

TEST_F(VerificationFailuresTest, AnAttemptIsOnRecordBeforeItIsCompared) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    const Started started = MustStart(agent_);
    const auto request = AnswerRequest(started.verification_id(), Right(started));
    const std::string token = world_.Enter(agent_);
    int passed = 0;
    world_.accounts().BeforeWrite([&passed] {
      return ++passed == 1 ? absl::OkStatus() : absl::UnavailableError("the power is off");
    });
    EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification, request)),
              "UNAVAILABLE / STORE_UNAVAILABLE");
    world_.accounts().BeforeWrite(nullptr);
    EXPECT_EQ(LastAudit()["verification_id"], started.verification_id());
    EXPECT_EQ(LastAudit()["attempt"], "COUNTED");
    EXPECT_EQ(Outcome(Answer(agent_, started.verification_id(), Right(started))), kInvalid);
  }
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed) << "three of them have failed";
}

TEST_F(VerificationFailuresTest, WhatWasCountedAndNotJudgedIsJudgedWhenTheCallIsRepeated) {
  for (int failure = 0; failure < 2; ++failure) EXPECT_EQ(Try(other_agent_, false), "FAILED");
  const Started started = MustStart(agent_);
  auto request = AnswerRequest(started.verification_id(), Right(started));
  request.set_request_id(world_.NewRequestId());
  const std::string token = world_.Enter(agent_);
  const auto unfinished = AnswerUnfinished(token, request);
  EXPECT_EQ(Outcome(unfinished), "ABORTED / CONFLICT");
  EXPECT_THAT(std::string(unfinished.status().message()), testing::HasSubstr("same request_id"));

  auto other_letters = request;
  other_letters.set_letters(0, "Z");
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification, other_letters)), kInvalid);
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed) << "it counts until it is judged";
  EXPECT_EQ(OutcomeOf(world_.Call(token, AnswerIdentityVerification, request)), "SUCCESS");
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "OK");
}

TEST_F(VerificationFailuresTest, AnAnswerThatIsRepeatedTooLateStaysAFailure) {
  const Started started = MustStart(agent_);
  auto request = AnswerRequest(started.verification_id(), Right(started));
  request.set_request_id(world_.NewRequestId());
  const std::string token = world_.Enter(agent_);
  EXPECT_EQ(Outcome(AnswerUnfinished(token, request)), "ABORTED / CONFLICT");
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification, request)), kInvalid);
}

TEST_F(VerificationFailuresTest, WhatBeginsTwiceUnderOneRequestIdIsOne) {
  v1::StartIdentityVerificationRequest start;
  start.set_account_id(asha_.value());
  start.set_request_id(world_.NewRequestId());
  const std::string token = world_.Enter(agent_);
  const auto first = world_.Call(token, StartIdentityVerification, start);
  const auto second = world_.Call(token, StartIdentityVerification, start);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->verification_id(), second->verification_id());
  EXPECT_TRUE(second->replayed());

  auto request = AnswerRequest(first->verification_id(), Wrong());
  request.set_request_id(world_.NewRequestId());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(OutcomeOf(world_.Call(token, AnswerIdentityVerification, request)), "FAILED");
  }
  EXPECT_EQ(Try(agent_, false), "FAILED") << "they were one failure";
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
  request.set_letters(0, "Q");
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification, request)),
            "INVALID_ARGUMENT / REQUEST_ID_REUSED");
}

TEST_F(VerificationFailuresTest, BodiesThatRunTwiceCountOnce) {
  world_.accounts().RunBodiesTwice();
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
}

TEST_F(VerificationFailuresTest, ASuccessEndsWhateverElseWasBegunAndCountsNoneOfIt) {
  const Started others = MustStart(other_agent_);
  for (int i = 0; i < 5; ++i) Insert({1, 2, 3});
  ASSERT_EQ(Try(admin_, true), "SUCCESS");
  EXPECT_EQ(Outcome(Answer(other_agent_, others.verification_id(), Right(others))), kInvalid)
      << "these letters have been said once";
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
}

TEST_F(VerificationFailuresTest, TheSameLettersYieldOneGrantHoweverManyAreOnTheirWay) {
  const Started slow = MustStart(other_agent_);
  const Started quick = MustStart(agent_);
  const std::string token = world_.Enter(other_agent_);
  const std::string quick_token = world_.Enter(agent_);
  world_.BeforeWrite(1, [&] {
    EXPECT_EQ(OutcomeOf(world_.Call(quick_token, AnswerIdentityVerification,
                                    AnswerRequest(quick.verification_id(), Right(quick)))),
              "SUCCESS");
  });
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification,
                                AnswerRequest(slow.verification_id(), Right(slow)))),
            kInvalid);
  EXPECT_EQ(LastAudit().at("verification_id"), slow.verification_id());
  EXPECT_EQ(LastAudit().count("positions"), 1u);
}

TEST_F(VerificationFailuresTest, AnOutcomeThatTheStoreDoesNotKnowIsToldAsSuch) {
  const Started started = MustStart(agent_);
  const std::string token = world_.Enter(agent_);
  world_.accounts().BeforeWrite([] { return absl::UnavailableError("the power is off"); });
  const auto answered = world_.Call(token, AnswerIdentityVerification,
                                    AnswerRequest(started.verification_id(), Right(started)));
  EXPECT_EQ(Outcome(answered), "UNAVAILABLE / STORE_UNAVAILABLE");
  EXPECT_THAT(std::string(answered.status().message()), testing::HasSubstr("same request_id"));
}

}  // namespace
}  // namespace gatehouse::server
