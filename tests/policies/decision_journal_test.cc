// The record of decisions: bounded, in order, never in the way; and the candidate in shadow.
#include "server/policies/decision_journal.h"

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "policy/json/recorded_json.h"
#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"
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

TEST_F(DecisionJournalTest, WritesToItsFileWhatItKeepsAsReplayReadsIt) {
  const harness::TemporaryDirectory directory;
  const std::string path = directory / "decisions";
  const auto file = RotatedFile::Open(path, 1 << 20);
  ASSERT_TRUE(file.ok()) << file.status();
  {
    DecisionJournal journal(metrics_, {.kept = 1, .file = file->get()});
    Decide(journal, false, 1);
    Decide(journal, true, 2);
  }
  const std::vector<std::string> lines =
      absl::StrSplit(harness::ReadFile(path), '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u) << "more than are kept in memory, and all before the journal ends";
  std::vector<std::string> faults;
  const policy::Recorded recorded = policy::ReadRecorded(lines[1], faults);
  EXPECT_THAT(faults, testing::IsEmpty());
  EXPECT_EQ(recorded.action, Action::GET_ACCOUNT);
  EXPECT_EQ(recorded.facts.Get(Fact::kNow).timestamp_value(), absl::UnixEpoch() + absl::Minutes(2));
  EXPECT_TRUE(recorded.facts.Get(Fact::kAccountLocked).bool_value());
  EXPECT_EQ(recorded.facts.Get(Fact::kAccountId).string_value(), "#1");
  EXPECT_FALSE(recorded.decision.allowed);
  ASSERT_EQ(recorded.decision.violations.size(), 1u);
  EXPECT_EQ(recorded.decision.violations[0].reason, policy::Reason::ACCOUNT_LOCKED);
}

TEST_F(DecisionJournalTest, CountsWhatItsFileDoesNotTakeAndKeepsItAllTheSame) {
  const harness::TemporaryDirectory directory;
  const auto file = RotatedFile::Open(directory / "decisions", 1);
  ASSERT_TRUE(file.ok()) << file.status();
  std::filesystem::create_directories(directory / "decisions.1/in/the/way");
  DecisionJournal journal(metrics_, {.file = file->get()});
  for (int minute = 1; minute <= 3; ++minute) Decide(journal, false, minute);
  journal.Flush();
  EXPECT_EQ(journal.counts().kept, 3);
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_policy_decisions_unwritten_total 2"));
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
