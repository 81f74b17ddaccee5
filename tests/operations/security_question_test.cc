// Recognising a caller by the answer to a security question, where an account still has those.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/operations/verification_world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;

class SecurityQuestionTest : public VerificationWorldTest {
 protected:
  SecurityQuestionTest() { GiveQuestions(asha_, {"St. Mary's", "Rex", "Blue"}); }

  absl::StatusOr<Answered> Say(const Started& started, const std::string& answer) {
    auto request = AnswerRequest(started.verification_id(), {});
    request.set_answer(answer);
    return world_.Call(world_.Enter(agent_), AnswerIdentityVerification, request);
  }

  void ChangeQuestions(absl::FunctionRef<void(storage::SecurityQuestionRecord&)> change) {
    ASSERT_TRUE(world_.accounts()
                    .Transact([&](storage::Transaction& transaction) {
                      auto questions = *transaction.FindSecurityQuestions(asha_);
                      for (storage::SecurityQuestionRecord& question : questions) change(question);
                      return transaction.PutSecurityQuestions(asha_, questions);
                    })
                    .ok());
  }

  static std::string RightAnswer(const Started& started) {
    const std::map<std::string, std::string> answers = {
        {"Question 1?", "  st marys "}, {"Question 2?", "REX"}, {"Question 3?", "bLuE."}};
    return answers.at(started.question());
  }
};

TEST_F(SecurityQuestionTest, OneOfThemIsAskedAndTheSameOneUntilASuccess) {
  std::set<std::string> ever;
  for (int round = 0; round < 20; ++round) {
    std::set<std::string> asked;
    for (int i = 0; i < 5; ++i) {
      const Started started = MustStart(i % 2 == 0 ? agent_ : other_agent_);
      EXPECT_EQ(started.positions_size(), 0);
      asked.insert(started.question());
    }
    EXPECT_EQ(asked.size(), 1u);
    ever.insert(*asked.begin());
    const Started started = MustStart(agent_);
    EXPECT_EQ(OutcomeOf(Say(started, RightAnswer(started))), "SUCCESS");
  }
  EXPECT_EQ(ever.size(), 3u);
}

TEST_F(SecurityQuestionTest, WrongAnswersAreCountedAsWrongLettersAre) {
  for (int failure = 0; failure < 3; ++failure) {
    EXPECT_EQ(OutcomeOf(Say(MustStart(agent_), "no idea")), "FAILED");
  }
  EXPECT_EQ(Outcome(Start(agent_, asha_)), kClosed);
}

TEST_F(SecurityQuestionTest, AnAnswerWithoutLettersOrDigitsIsNone) {
  EXPECT_EQ(FaultyFields(Say(MustStart(agent_), "?!").status()),
            std::vector<std::string>{"answer"});
}

TEST_F(SecurityQuestionTest, AnAnswerMovedFromAnotherAccountIsNeverRead) {
  GiveQuestions(sam_, {"St. Mary's", "Rex", "Blue"});
  ASSERT_TRUE(world_.accounts()
                  .Transact([&](storage::Transaction& transaction) {
                    return transaction.PutSecurityQuestions(
                        asha_, *transaction.FindSecurityQuestions(sam_));
                  })
                  .ok());
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "INTERNAL / INTERNAL");
}

TEST_F(SecurityQuestionTest, TheyAreAskedByTheirNumbersWhicheverThoseAre) {
  std::vector<storage::SecurityQuestionRecord> left;
  ASSERT_TRUE(world_.accounts()
                  .Transact([&](storage::Transaction& transaction) {
                    left = *transaction.FindSecurityQuestions(asha_);
                    left.erase(left.begin(), left.begin() + 1);
                    return transaction.PutSecurityQuestions(asha_, left);
                  })
                  .ok());
  std::set<std::string> asked;
  for (int round = 0; round < 20; ++round) {
    const Started started = MustStart(agent_);
    asked.insert(started.question());
    EXPECT_EQ(OutcomeOf(Say(started, RightAnswer(started))), "SUCCESS");
  }
  EXPECT_THAT(asked, ElementsAre("Question 2?", "Question 3?"));
  for (const std::vector<int>& never : std::vector<std::vector<int>>{{}, {0}, {1}, {-1}, {2, 3}}) {
    Started started;
    started.set_verification_id(Insert(never, "Question 2?"));
    EXPECT_EQ(Outcome(Say(started, "Rex")), kInvalid) << testing::PrintToString(never);
  }
}

TEST_F(SecurityQuestionTest, AQuestionThatIsChangedMeanwhileIsNotTakenForTheOneThatWasAsked) {
  const Started started = MustStart(agent_);
  ChangeQuestions([](storage::SecurityQuestionRecord& question) {
    question.question = "Another " + question.question;
  });
  EXPECT_EQ(Outcome(Say(started, RightAnswer(started))), kInvalid);
  Started kept;  // with the former words
  kept.set_verification_id(Insert({1}, "Question 1?"));
  EXPECT_EQ(Outcome(Say(kept, "St. Mary's")), kInvalid);
  const Started again = MustStart(agent_);
  EXPECT_NE(again.verification_id(), started.verification_id());
  EXPECT_EQ(again.question(), "Another " + started.question());
}

TEST_F(SecurityQuestionTest, OnlyTheAnswerThatIsAskedForIsOpened) {
  const std::string asked = MustStart(agent_).question();
  ChangeQuestions([&](storage::SecurityQuestionRecord& question) {
    if (question.question != asked) question.ciphertext = "altered";
  });
  const Started started = MustStart(agent_);
  EXPECT_EQ(started.question(), asked);
  EXPECT_EQ(OutcomeOf(Say(started, "no idea")), "FAILED");
  EXPECT_EQ(OutcomeOf(Say(MustStart(agent_), RightAnswer(started))), "SUCCESS");
}

TEST_F(SecurityQuestionTest, ASecretTakesTheirPlaceForGood) {
  ASSERT_EQ(Outcome(SetSecret("MARMALADEJAR")), "OK");
  ASSERT_TRUE(world_.accounts()
                  .Read([&](storage::Transaction& transaction) {
                    EXPECT_TRUE(transaction.FindSecurityQuestions(asha_)->empty());
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(MustStart(agent_).positions_size(), 3);
}

}  // namespace
}  // namespace gatehouse::server
