// Recognising a caller: what is asked, what is counted, and what is told.
#include <algorithm>
#include <iostream>
#include <map>
#include <set>
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

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class IdentityVerificationTest : public VerificationWorldTest {
 protected:
  // In the last answer or refusal there was.
  std::map<std::string, std::string> LastAudit() { return world_.Audit(riverside_)[0].details; }

  std::vector<std::string> LastReasons() { return world_.Audit(riverside_)[0].reasons; }
};

// --- What is asked ---

TEST_F(IdentityVerificationTest, AsksForThreePlacesAmongTheFirstNineWhateverTheSecretsLength) {
  std::set<std::vector<int>> asked;
  for (int i = 0; i < 200; ++i) {
    const Started started = MustStart(agent_);
    const std::vector<int> places(started.positions().begin(), started.positions().end());
    ASSERT_EQ(places.size(), 3u);
    EXPECT_TRUE(1 <= places[0] && places[0] < places[1] && places[1] < places[2] && places[2] <= 9);
    asked.insert(places);
    ASSERT_EQ(OutcomeOf(Answer(agent_, started.verification_id(), Right(started))), "SUCCESS");
  }
  // 200 draws of 84 leave out 7.7 on average.
  EXPECT_GT(asked.size(), 60u) << "they are drawn anew after each success";
}

TEST_F(IdentityVerificationTest, AsksTheSameOfEveryAgentHoweverOftenAnyOfThemBeginsAgain) {
  std::set<std::vector<int>> asked;
  const auto start = [&](const storage::AccountId& agent) {
    const auto started = Start(agent, asha_);
    if (!started.ok()) return Outcome(started);
    asked.insert({started->positions().begin(), started->positions().end()});
    return std::string("OK");
  };
  constexpr int kCancelled = 1000;
  const storage::AccountId agents[] = {agent_, other_agent_, admin_};
  for (int i = 0; i < kCancelled; ++i) ASSERT_EQ(start(agents[i % 3]), "OK");
  // All of them expire, which closes verification; it opens; the account is locked and unlocked.
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(start(agent_), kClosed);
  world_.Advance(absl::Hours(1));
  EXPECT_EQ(start(agent_), "OK");
  world_.Change(asha_, [&](auto& account) { account.locked_at = world_.clock().Now(); });
  EXPECT_EQ(start(agent_), "OK");
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(start(other_agent_), "OK");
  std::cout << kCancelled << " cancelled: " << asked.size() << " set of positions\n";
  EXPECT_EQ(asked.size(), 1u);
}

TEST_F(IdentityVerificationTest, AnAgentHasOneAtATimeWhichBeginningAgainDoesNotProlong) {
  const Started first = MustStart(agent_);
  EXPECT_NE(MustStart(other_agent_).verification_id(), first.verification_id());
  world_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  for (int i = 0; i < 100; ++i) {
    const Started again = MustStart(agent_);
    EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  }
  world_.Advance(absl::Microseconds(1));
  const Started next = MustStart(agent_);
  EXPECT_NE(next.verification_id(), first.verification_id());
  EXPECT_EQ(Try(agent_, false), "FAILED") << "two were abandoned, and this is the third failure";
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
}

TEST_F(IdentityVerificationTest, BeginsAnewWithANewSecret) {
  EXPECT_EQ(Try(agent_, false), "FAILED");
  const Started before = MustStart(agent_);
  ASSERT_EQ(Outcome(SetSecret("MARMALADEJAR")), "OK");
  EXPECT_EQ(Outcome(Answer(agent_, before.verification_id(), Right(before))), kInvalid);
  const Started after = MustStart(agent_);
  EXPECT_EQ(OutcomeOf(Answer(agent_, after.verification_id(), Right(after, "MARMALADEJAR"))),
            "SUCCESS");
}

TEST_F(IdentityVerificationTest, TheDrawDoesNotReachBeyondAShorterSecret) {
  // Set while the policy let it be shorter.
  const KeyRing::Sealed sealed =
      world_.dependencies().secret_vault.Seal(asha_.value(), 9, SecretString("PLUM"));
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.secret.ciphertext = sealed.bytes;
    account.secret.version = 9;
  });
  const Started started = MustStart(agent_);
  ASSERT_EQ(started.positions_size(), 3);
  EXPECT_LE(started.positions(2), 4);
  EXPECT_EQ(OutcomeOf(Answer(agent_, started.verification_id(), Right(started, "PLUM"))),
            "SUCCESS");
}

// --- What is compared ---

TEST_F(IdentityVerificationTest, LettersMayBeInEitherCase) {
  const Started started = MustStart(agent_);
  Letters letters = Right(started);
  for (std::string& letter : letters) letter[0] = static_cast<char>(letter[0] + ('a' - 'A'));
  EXPECT_EQ(OutcomeOf(Answer(agent_, started.verification_id(), letters)), "SUCCESS");
}

TEST_F(IdentityVerificationTest, EachPlaceWrongInTurnIsAnsweredAlike) {
  std::set<std::string> answers;
  for (size_t wrong = 0; wrong < 3; ++wrong) {
    const Started started = MustStart(agent_);
    Letters letters = Right(started);
    letters[wrong] = "Z";
    auto answered = Answer(agent_, started.verification_id(), letters);
    ASSERT_TRUE(answered.ok()) << answered.status();
    EXPECT_EQ(answered->outcome(), v1::VERIFICATION_OUTCOME_FAILED);
    answered->clear_closed_until_time();  // the third failure's, wherever the letter was wrong
    answered->clear_closure();
    answers.insert(answered->SerializeAsString());
  }
  EXPECT_EQ(answers.size(), 1u);
}

TEST_F(IdentityVerificationTest, ASlipOfTheAgentsIsNoAttempt) {
  const Started started = MustStart(agent_);
  const std::string& id = started.verification_id();
  const Letters faulty[] = {{},
                            {"A", "B"},
                            {"A", "B", "C", "D"},
                            {"A", "B", "CD"},
                            {"A", "B", "3"},
                            {"A", "B", "é"},
                            {"A", "B", ""}};
  for (const Letters& letters : faulty) {
    EXPECT_EQ(FaultyFields(Answer(agent_, id, letters).status()),
              std::vector<std::string>{"letters"})
        << testing::PrintToString(letters);
  }
  auto request = AnswerRequest(id, {});
  request.set_answer("a word");
  EXPECT_EQ(
      FaultyFields(world_.Call(world_.Enter(agent_), AnswerIdentityVerification, request).status()),
      std::vector<std::string>{"letters"});
  EXPECT_EQ(OutcomeOf(Answer(agent_, id, Right(started))), "SUCCESS");
}

// --- What is counted ---

TEST_F(IdentityVerificationTest, ThreeFailuresCloseItForAnHourEvenForTheRightLetters) {
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

TEST_F(IdentityVerificationTest, TheThirdFailureTellsUntilWhenItIsClosed) {
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

TEST_F(IdentityVerificationTest, AFailureThatClosesItTellsNothingThatOtherRulesWouldSay) {
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

TEST_F(IdentityVerificationTest, TheNinthFailureTellsThatOnlyANewSecretOpensItAndWhoCanSeeToIt) {
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

TEST_F(IdentityVerificationTest, ASuccessNamesTheGrantAndNothingElseDoes) {
  const Started failed = MustStart(agent_);
  EXPECT_EQ(Answer(agent_, failed.verification_id(), Wrong())->verification_id(), "");
  const Started right = MustStart(agent_);
  const auto answered = Answer(agent_, right.verification_id(), Right(right));
  EXPECT_EQ(answered->verification_id(), right.verification_id());
  EXPECT_FALSE(answered->has_closure());
}

TEST_F(IdentityVerificationTest, NineFailuresWithoutASuccessCloseItUntilANewSecret) {
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
TEST_F(IdentityVerificationTest, WhoeverIsNotRecognisedAnyMoreCanBeSecuredAnew) {
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

TEST_F(IdentityVerificationTest, ASuccessForgetsTheFailuresBeforeIt) {
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(Try(agent_, false), "FAILED");
    EXPECT_EQ(Try(other_agent_, false), "FAILED");
    EXPECT_EQ(Try(agent_, true), "SUCCESS") << round;
  }
}

TEST_F(IdentityVerificationTest, ItNeverLocksTheAccount) {
  for (int failure = 0; failure < 3; ++failure) EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_FALSE(world_.SignIn("asha.patel", kPassword).empty());
}

TEST_F(IdentityVerificationTest, AnAnswerIsTakenForTenMinutesExactly) {
  const Started in_time = MustStart(agent_);
  world_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_EQ(OutcomeOf(Answer(agent_, in_time.verification_id(), Right(in_time))), "SUCCESS");
  const Started too_late = MustStart(agent_);
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(Answer(agent_, too_late.verification_id(), Right(too_late))), kInvalid);
}

TEST_F(IdentityVerificationTest, WhatNobodyAnswersIsAFailureOfTheInstantAtWhichItExpires) {
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

TEST_F(IdentityVerificationTest, ANewEpochForgetsNoFailure) {
  BeginThree();
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
  world_.Change(asha_, [](storage::AccountRecord& account) { ++account.epoch; });
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
}

TEST_F(IdentityVerificationTest, WhatNobodyCouldAnswerAnyMoreIsNoFailureAndWhatExpiredBeforeIsOne) {
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

TEST_F(IdentityVerificationTest, WhatExpiresWhileItIsClosedIsNotCounted) {
  MustStart(agent_);
  for (int i = 0; i < 20; ++i) Insert({1, 2, 3});
  world_.Advance(absl::Minutes(70));  // three of them closed it; the others could not be answered
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
}

TEST_F(IdentityVerificationTest, OfParallelAnswersNoMoreThanThreeAreCompared) {
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

TEST_F(IdentityVerificationTest, AnAttemptIsOnRecordBeforeItIsCompared) {
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

TEST_F(IdentityVerificationTest, WhatWasCountedAndNotJudgedIsJudgedWhenTheCallIsRepeated) {
  for (int failure = 0; failure < 2; ++failure) EXPECT_EQ(Try(other_agent_, false), "FAILED");
  const Started started = MustStart(agent_);
  auto request = AnswerRequest(started.verification_id(), Right(started));
  request.set_request_id(world_.NewRequestId());
  const std::string token = world_.Enter(agent_);
  int passed = 0;
  world_.accounts().BeforeWrite([&passed] {
    return ++passed == 1 ? absl::OkStatus() : absl::AbortedError("somebody was quicker");
  });
  const auto unfinished = world_.Call(token, AnswerIdentityVerification, request);
  world_.accounts().BeforeWrite(nullptr);
  EXPECT_EQ(Outcome(unfinished), "ABORTED / CONFLICT");
  EXPECT_THAT(std::string(unfinished.status().message()), testing::HasSubstr("same request_id"));

  auto other_letters = request;
  other_letters.set_letters(0, "Z");
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification, other_letters)), kInvalid);
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed) << "it counts until it is judged";
  EXPECT_EQ(OutcomeOf(world_.Call(token, AnswerIdentityVerification, request)), "SUCCESS");
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "OK");
}

TEST_F(IdentityVerificationTest, AnAnswerThatIsRepeatedTooLateStaysAFailure) {
  const Started started = MustStart(agent_);
  auto request = AnswerRequest(started.verification_id(), Right(started));
  request.set_request_id(world_.NewRequestId());
  const std::string token = world_.Enter(agent_);
  int passed = 0;
  world_.accounts().BeforeWrite([&passed] {
    return ++passed == 1 ? absl::OkStatus() : absl::AbortedError("somebody was quicker");
  });
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification, request)), "ABORTED / CONFLICT");
  world_.accounts().BeforeWrite(nullptr);
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification, request)), kInvalid);
}

TEST_F(IdentityVerificationTest, WhatBeginsTwiceUnderOneRequestIdIsOne) {
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

TEST_F(IdentityVerificationTest, BodiesThatRunTwiceCountOnce) {
  world_.accounts().RunBodiesTwice();
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, false), "FAILED");
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
}

TEST_F(IdentityVerificationTest, ASuccessEndsWhateverElseWasBegunAndCountsNoneOfIt) {
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

TEST_F(IdentityVerificationTest, TheSameLettersYieldOneGrantHoweverManyAreOnTheirWay) {
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

TEST_F(IdentityVerificationTest, AnOutcomeThatTheStoreDoesNotKnowIsToldAsSuch) {
  const Started started = MustStart(agent_);
  const std::string token = world_.Enter(agent_);
  world_.accounts().BeforeWrite([] { return absl::UnavailableError("the power is off"); });
  const auto answered = world_.Call(token, AnswerIdentityVerification,
                                    AnswerRequest(started.verification_id(), Right(started)));
  EXPECT_EQ(Outcome(answered), "UNAVAILABLE / STORE_UNAVAILABLE");
  EXPECT_THAT(std::string(answered.status().message()), testing::HasSubstr("same request_id"));
}

// --- Who may, and what is told ---

TEST_F(IdentityVerificationTest, AForeignAccountIsRefusedAsOneThatDoesNotExist) {
  const auto foreign = Start(foreign_agent_, asha_);
  const auto unknown = Start(foreign_agent_, storage::AccountId("AAAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_EQ(Outcome(foreign), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(foreign.status(), unknown.status());
}

TEST_F(IdentityVerificationTest, EveryBadIdIsRefusedAlikeAndCountsNothing) {
  const Started others = MustStart(other_agent_);
  const Started failed = MustStart(agent_);
  EXPECT_EQ(OutcomeOf(Answer(agent_, failed.verification_id(), Wrong())), "FAILED");
  const std::string used = Grant(agent_);
  const Started expired = MustStart(agent_);
  world_.Advance(absl::Minutes(10));
  std::set<std::string> refusals;
  for (const std::string& id : {std::string("AAAAAAAAAAAAAAAAAAAAAA"), others.verification_id(),
                                failed.verification_id(), used, expired.verification_id()}) {
    const auto refused = Answer(agent_, id, Right(expired));
    EXPECT_EQ(Outcome(refused), kInvalid);
    refusals.insert(refused.status().ToString());
    EXPECT_THAT(LastReasons(), ElementsAre("VERIFICATION_INVALID"));
  }
  EXPECT_EQ(refusals.size(), 1u);
}

TEST_F(IdentityVerificationTest, TheAuditTellsAgentPlacesAndOutcomeAndNeverALetter) {
  const Started started = MustStart(agent_);
  EXPECT_EQ(world_.Audit(riverside_)[0].action, "START_IDENTITY_VERIFICATION");
  const std::string positions = LastAudit().at("positions");
  EXPECT_EQ(positions, std::to_string(started.positions(0)) + " " +
                           std::to_string(started.positions(1)) + " " +
                           std::to_string(started.positions(2)));
  ASSERT_EQ(OutcomeOf(Answer(agent_, started.verification_id(), Wrong())), "FAILED");
  const storage::AuditRecord event = world_.Audit(riverside_)[0];
  EXPECT_EQ(event.action, "ANSWER_IDENTITY_VERIFICATION");
  EXPECT_EQ(event.actor_id, agent_);
  EXPECT_EQ(event.target_id, asha_);
  EXPECT_THAT(
      event.details,
      UnorderedElementsAre(std::pair("verification_id", started.verification_id()),
                           std::pair("positions", positions), std::pair("outcome", "FAILED")));
}

TEST_F(IdentityVerificationTest, TheTimelineTellsThatAnAnswerCountedAndWhatCameOfIt) {
  ASSERT_EQ(Try(agent_, false), "FAILED");
  v1::GetAccountTimelineRequest request;
  request.set_account_id(asha_.value());
  const auto timeline = world_.Call(world_.Enter(agent_), GetAccountTimeline, request);
  ASSERT_TRUE(timeline.ok()) << timeline.status();
  std::vector<std::string> told;
  for (const auto& entry : timeline->entries()) told.push_back(entry.message());
  EXPECT_THAT(told, ElementsAre("letters of the account secret compared by desk.one, failed",
                                "a caller's answer counted by desk.one",
                                "letters of the account secret asked for by desk.one"));
}

TEST_F(IdentityVerificationTest, ARoleThatIsWithdrawnMeanwhileRecognisesNobody) {
  const Started started = MustStart(agent_);
  const std::string token = world_.Enter(agent_);
  world_.BeforeWrite(1, [&] {
    world_.Change(agent_, [](storage::AccountRecord& account) { account.roles.clear(); });
  });
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification,
                                AnswerRequest(started.verification_id(), Right(started)))),
            "PERMISSION_DENIED / NOT_PERMITTED");
}

TEST_F(IdentityVerificationTest, ARoleThatIsWithdrawnMeanwhileIsNotEvenToldThatItIsClosed) {
  const Started started = MustStart(agent_);
  for (int failure = 0; failure < 3; ++failure) EXPECT_EQ(Try(other_agent_, false), "FAILED");
  const std::string token = world_.Enter(agent_);
  world_.BeforeWrite(1, [&] {
    world_.Change(agent_, [](storage::AccountRecord& account) { account.roles.clear(); });
  });
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification,
                                AnswerRequest(started.verification_id(), Right(started)))),
            "PERMISSION_DENIED / NOT_PERMITTED");
}

TEST_F(IdentityVerificationTest, WhatWasBegunBeforeANewEpochYieldsNothingAfterIt) {
  const Started started = MustStart(agent_);
  const std::string token = world_.Enter(agent_);
  world_.BeforeWrite(
      1, [&] { world_.Change(asha_, [](storage::AccountRecord& account) { ++account.epoch; }); });
  EXPECT_EQ(Outcome(world_.Call(token, AnswerIdentityVerification,
                                AnswerRequest(started.verification_id(), Right(started)))),
            kInvalid);
}

// --- After four successes ---

TEST_F(IdentityVerificationTest, AfterFourSuccessesThePersonIsAskedForANewSecret) {
  for (int success = 1; success <= 4; ++success) {
    v1::CreateSessionRequest request;
    request.set_username("asha.patel");
    request.set_password(kPassword);
    const auto session = world_.Call("", CreateSession, request);
    ASSERT_TRUE(session.ok());
    EXPECT_EQ(session->session().level(), v1::SESSION_LEVEL_FULL) << success;
    EXPECT_EQ(Try(agent_, true), "SUCCESS");
  }
  const std::string restricted = world_.SignIn("asha.patel", kPassword);
  EXPECT_EQ(Outcome(world_.Call(restricted, GetAccount, {})),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
  v1::CompleteRequiredActionsRequest complete;
  complete.set_account_secret("MARMALADEJAR");
  const auto completed = world_.Call(restricted, CompleteRequiredActions, complete);
  ASSERT_TRUE(completed.ok()) << completed.status();
  EXPECT_EQ(completed->session().level(), v1::SESSION_LEVEL_FULL);
  EXPECT_EQ(Outcome(world_.Call(world_.SignIn("asha.patel", kPassword), GetAccount, {})), "OK");
}

}  // namespace
}  // namespace gatehouse::server
