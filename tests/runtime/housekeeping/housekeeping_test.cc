// Sweeps step by step on a fake clock, then the thread.

#include <atomic>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/runtime/housekeeping/housekeeper.h"
#include "server/runtime/housekeeping/sweep.h"
#include "storage/memory/account_store.h"
#include "tests/contract/account_samples.h"
#include "tests/harness/wait.h"
#include "tests/revocation/hooked_account_store.h"

namespace gatehouse::server {
namespace {

using harness::WaitUntil;
using storage::Perishable;
using storage::Transaction;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HousekeepingTest : public testing::Test {
 protected:
  void AddReplays(int first, int count) {
    ASSERT_TRUE(memory_
                    ->Transact([&](Transaction& transaction) {
                      absl::Status status;
                      for (int i = first; i < first + count && status.ok(); ++i) {
                        storage::ReplayRecord replay = storage::SampleReplay(i);
                        replay.created_at = clock_.Now();
                        status = transaction.PutReplay(replay, absl::InfinitePast());
                      }
                      return status;
                    })
                    .ok());
  }

  int CountReplays(int first, int count) {
    int found = 0;
    EXPECT_TRUE(memory_
                    ->Read([&](Transaction& transaction) {
                      for (int i = first; i < first + count; ++i) {
                        const storage::ReplayRecord key = storage::SampleReplay(i);
                        found +=
                            transaction
                                .FindReplay(key.caller, key.method, key.request_id, key.presenter)
                                .ok();
                      }
                      return absl::OkStatus();
                    })
                    .ok());
    return found;
  }

  // How many replays each transaction of one sweep deleted.
  std::vector<std::int64_t> SweepReplays(absl::FunctionRef<bool()> stopping = [] {
    return false;
  }) {
    std::vector<std::int64_t> batches;
    const auto count = [&](Perishable what, std::int64_t rows) {
      if (what == Perishable::kReplays) batches.push_back(rows);
    };
    EXPECT_TRUE(Sweep(store_, options_.sweep, clock_.Now(), count, stopping).ok());
    return batches;
  }

  std::unique_ptr<Housekeeper> NewHousekeeper() {
    return std::make_unique<Housekeeper>(store_, clock_, log_, metrics_, options_);
  }

  // Some of the replays' time, and the margin.
  static constexpr absl::Duration kRetention = absl::Hours(24);
  FakeClock clock_{absl::FromUnixSeconds(1'795'269'731)};
  std::unique_ptr<storage::AccountStore> memory_ =
      storage::NewMemoryAccountStore("AAAAAAAAAAAAAAAAAAAAAA");
  storage::HookedAccountStore store_{*memory_};
  std::ostringstream log_text_;
  const Logger log_{LogLevel::kInfo, log_text_};
  Metrics metrics_;
  Housekeeper::Options options_{
      .interval = absl::Milliseconds(1),
      .sweep = {
          .retention = [](Perishable) { return kRetention; }, .margin = absl::Hours(2), .rows = 3}};
};

TEST_F(HousekeepingTest, WhatHasHadItsTimeAndTheMarginGoesAndNothingElse) {
  AddReplays(0, 1);
  clock_.Advance(kRetention + absl::Hours(2));
  EXPECT_THAT(SweepReplays(), ElementsAre(0));
  AddReplays(1, 1);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(SweepReplays(), ElementsAre(1));
  EXPECT_EQ(CountReplays(0, 1), 0);
  EXPECT_EQ(CountReplays(1, 1), 1);
}

TEST_F(HousekeepingTest, MuchGoesInSmallTransactions) {
  AddReplays(0, 7);
  clock_.Advance(absl::Hours(27));
  EXPECT_THAT(SweepReplays(), ElementsAre(3, 3, 1));
  EXPECT_EQ(CountReplays(0, 7), 0);
}

TEST_F(HousekeepingTest, RevocationsAreForgottenByTheirOwnInstantAndTheHeadTellsIt) {
  options_.sweep.retention = [](Perishable) { return absl::ZeroDuration(); };
  ASSERT_TRUE(memory_
                  ->TransactRevoking([&](Transaction& transaction) {
                    storage::RevocationRecord row = storage::SampleRevocation(1);
                    row.keep_until = clock_.Now();
                    return transaction.AppendRevocation(row).status();
                  })
                  .ok());
  std::int64_t forgotten = 0;
  const auto count = [&](Perishable what, std::int64_t rows) {
    if (what == Perishable::kRevocations) forgotten += rows;
  };
  const auto sweep = [&] {
    EXPECT_TRUE(Sweep(store_, options_.sweep, clock_.Now(), count, [] { return false; }).ok());
  };
  clock_.Advance(absl::Hours(2));
  sweep();
  EXPECT_EQ(forgotten, 0);
  clock_.Advance(absl::Microseconds(1));
  sweep();
  EXPECT_EQ(forgotten, 1);
  EXPECT_TRUE(memory_
                  ->Read([](Transaction& transaction) {
                    EXPECT_EQ(transaction.ReadRevocationHead()->forgotten_before, 1);
                    return absl::OkStatus();
                  })
                  .ok());
}

TEST_F(HousekeepingTest, ASweepThatIsStoppedLeavesTheRest) {
  AddReplays(0, 7);
  clock_.Advance(absl::Hours(27));
  int asked = 0;
  EXPECT_THAT(SweepReplays([&] { return ++asked > 2; }), ElementsAre(3));
  EXPECT_EQ(CountReplays(0, 7), 4);
}

TEST_F(HousekeepingTest, SweepsAgainAndAgainAndCountsWhatGoes) {
  AddReplays(0, 7);
  clock_.Advance(absl::Hours(27));
  const auto housekeeper = NewHousekeeper();
  EXPECT_TRUE(WaitUntil([&] { return CountReplays(0, 7) == 0; }));
  AddReplays(0, 2);
  clock_.Advance(absl::Hours(27));
  const auto counted = [&](absl::string_view line) {
    return WaitUntil([&] { return absl::StrContains(metrics_.Text(), line); });
  };
  EXPECT_TRUE(counted("gatehouse_tidied_rows_total{kind=\"replays\"} 9"));
  EXPECT_TRUE(counted("gatehouse_tidied_rows_total{kind=\"revocations\"} 0"));
  EXPECT_TRUE(counted(absl::StrCat("gatehouse_tidy_last_success_timestamp_seconds ",
                                   absl::ToUnixSeconds(clock_.Now()))));
}

TEST_F(HousekeepingTest, TroubleIsLoggedOnceAndTheNextSweepMakesUpForIt) {
  AddReplays(0, 1);
  clock_.Advance(absl::Hours(27));
  std::atomic<int> failures = 0;
  store_.BeforeWrite([&] {
    ++failures;
    return absl::UnavailableError("away");
  });
  {
    const auto housekeeper = NewHousekeeper();
    ASSERT_TRUE(WaitUntil([&] { return failures > 3; }));
    EXPECT_EQ(CountReplays(0, 1), 1);
    store_.BeforeWrite(nullptr);
    ASSERT_TRUE(WaitUntil([&] { return CountReplays(0, 1) == 0; }));
  }
  const std::string log = log_text_.str();
  EXPECT_THAT(log, HasSubstr("tidying_failing"));
  EXPECT_EQ(log.find("tidying_failing"), log.rfind("tidying_failing")) << log;
}

TEST_F(HousekeepingTest, StopsWithoutWaitingForItsNextSweep) {
  options_.interval = absl::Hours(24);
  auto housekeeper = NewHousekeeper();
  ASSERT_TRUE(WaitUntil([&] {
    return absl::StrContains(metrics_.Text(),
                             absl::StrCat("timestamp_seconds ", absl::ToUnixSeconds(clock_.Now())));
  }));
  housekeeper.reset();
}

TEST_F(HousekeepingTest, SeveralServersSweepOneStoreInPeace) {
  AddReplays(0, 60);
  clock_.Advance(absl::Hours(27));
  const auto one = NewHousekeeper();
  const auto other = NewHousekeeper();
  EXPECT_TRUE(WaitUntil([&] {
    return absl::StrContains(metrics_.Text(), "gatehouse_tidied_rows_total{kind=\"replays\"} 60");
  }));
  EXPECT_THAT(log_text_.str(), IsEmpty());
}

}  // namespace
}  // namespace gatehouse::server
