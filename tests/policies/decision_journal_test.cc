// The record of decisions: bounded, in order, never in the way; and the candidate in shadow.
#include "server/policies/decision_journal.h"

#include <memory>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/policy/testing.h"

namespace gatehouse::server {
namespace {

using policy::Action;
using policy::Fact;
using testing::HasSubstr;

constexpr char kUnlockedOnly[] = R"(permit { id: 'all' on: GET_ACCOUNT }
  require { id: 'a' on: GET_ACCOUNT that: "!account.locked" else { reason: ACCOUNT_LOCKED } })";
constexpr char kEverybody[] = "permit { id: 'all' on: GET_ACCOUNT }";
constexpr char kNobody[] = "permit { id: 'all' on: SIGN_IN }";

class DecisionJournalTest : public testing::Test {
 protected:
  // Decides by kUnlockedOnly, and has it recorded.
  void Decide(DecisionJournal& journal, bool locked, int minute = 0) {
    policy::Facts facts;
    facts.Set(Fact::kNow, absl::UnixEpoch() + absl::Minutes(minute));
    facts.Set(Fact::kAccountLocked, locked);
    facts.Set(Fact::kAccountId, "asha");
    journal.Record(Action::GET_ACCOUNT, facts, policy_->Decide(Action::GET_ACCOUNT, facts));
  }

  const std::shared_ptr<const policy::Policy> policy_ = policy::CompileOrDie(kUnlockedOnly);
  Metrics metrics_;
};

TEST_F(DecisionJournalTest, KeepsDecisionsInOrderWithNormalisedFacts) {
  DecisionJournal journal(metrics_, {});
  Decide(journal, false, 1);
  Decide(journal, true, 2);
  journal.Flush();
  const auto kept = journal.ReadAfter(0);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0]->sequence, 1);
  EXPECT_TRUE(kept[0]->decision.allowed);
  EXPECT_EQ(kept[0]->facts.Get(Fact::kAccountId).string_value(), "#1");
  EXPECT_EQ(kept[1]->time, absl::UnixEpoch() + absl::Minutes(2));
  EXPECT_EQ(kept[1]->action, Action::GET_ACCOUNT);
  EXPECT_FALSE(kept[1]->decision.allowed);
  EXPECT_EQ(kept[1]->decision.policy_revision, policy_->revision());
  EXPECT_EQ(journal.ReadAfter(1).size(), 1u);
  EXPECT_EQ(journal.ReadAfter(2).size(), 0u);
}

TEST_F(DecisionJournalTest, ForgetsTheOldestBeyondItsBound) {
  DecisionJournal journal(metrics_, {.queue_limit = 64, .kept = 3});
  for (int minute = 1; minute <= 5; ++minute) Decide(journal, false, minute);
  journal.Flush();
  const auto counts = journal.counts();
  EXPECT_EQ(counts.recorded, 5);
  EXPECT_EQ(counts.kept, 3);
  EXPECT_EQ(counts.oldest, absl::UnixEpoch() + absl::Minutes(3));
  EXPECT_EQ(journal.ReadAfter(0).front()->sequence, 3);
}

TEST_F(DecisionJournalTest, DropsAndCountsWhatDoesNotFitInsteadOfWaiting) {
  DecisionJournal journal(metrics_, {.queue_limit = 4, .kept = 100'000});
  constexpr int kDecisions = 20'000;
  std::vector<std::thread> deciders;
  for (int i = 0; i < 2; ++i) {
    deciders.emplace_back([&] {
      for (int j = 0; j < kDecisions; ++j) Decide(journal, false);
    });
  }
  for (std::thread& decider : deciders) decider.join();
  journal.Flush();
  const auto counts = journal.counts();
  EXPECT_GT(counts.dropped, 0);
  EXPECT_EQ(counts.recorded + counts.dropped, 2 * kDecisions);
  EXPECT_EQ(counts.kept, counts.recorded);
}

TEST_F(DecisionJournalTest, CountsWhatTheCandidateInShadowWouldChange) {
  DecisionJournal journal(metrics_, {});
  Decide(journal, true);
  journal.Flush();
  EXPECT_EQ(journal.shadow_counts().decisions, 0);

  journal.SetShadow(policy::CompileOrDie(kEverybody));
  Decide(journal, true);
  Decide(journal, false);
  journal.Flush();
  EXPECT_EQ(journal.shadow_counts().decisions, 2);
  EXPECT_EQ(journal.shadow_counts().widens, 1);
  EXPECT_EQ(journal.shadow_counts().narrows, 0);

  journal.SetShadow(policy::CompileOrDie(kNobody));
  EXPECT_EQ(journal.shadow_counts().decisions, 0);
  Decide(journal, true);
  Decide(journal, false);
  journal.Flush();
  EXPECT_EQ(journal.shadow_counts().widens, 0);
  EXPECT_EQ(journal.shadow_counts().narrows, 1);
  EXPECT_EQ(journal.shadow_counts().alters, 1);
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_policy_shadow_decisions_total 4"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_policy_shadow_widens_total 1"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_policy_shadow_narrows_total 1"));

  journal.SetShadow(nullptr);
  Decide(journal, true);
  journal.Flush();
  EXPECT_EQ(journal.shadow_counts().decisions, 0);
}

}  // namespace
}  // namespace gatehouse::server
