// Recognising a caller: what is asked, what is compared, and what is told.
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/session_operations.h"
#include "tests/operations/verification_world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class IdentityVerificationTest : public VerificationWorldTest {
 protected:
  // Of the last answer or refusal.
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
