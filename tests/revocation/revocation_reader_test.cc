// The reader on a fake clock and a store that fails on demand.

#include "server/revocation/revocation_reader.h"

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "server/revocation/session_judge.h"
#include "storage/memory/account_store.h"
#include "tests/contract/session_samples.h"
#include "tests/harness/wait.h"
#include "tests/revocation/hooked_account_store.h"

namespace gatehouse::server {
namespace {

using harness::WaitUntil;
using storage::RevocationKind;

constexpr char kIncarnation[] = "AQIDBAUGBwgJCgsMDQ4PEA";
constexpr absl::Duration kLease = absl::Seconds(1);

class RevocationReaderTest : public testing::Test {
 protected:
  absl::Time Deadline() const { return clock_.Now() + absl::Minutes(1); }

  // Ends all sessions that `session_`'s account has.
  std::int64_t Revoke() {
    std::int64_t position = 0;
    EXPECT_TRUE(memory_
                    ->TransactRevoking([&](storage::Transaction& transaction) {
                      storage::RevocationRecord row;
                      row.kind = RevocationKind::kMinimumEpoch;
                      row.account_id = found_.record.key.account_id;
                      row.min_epoch = found_.record.epoch + 1;
                      row.keep_until = clock_.Now() + absl::Hours(12);
                      const auto given = transaction.AppendRevocation(row);
                      if (given.ok()) position = *given;
                      return given.status();
                    })
                    .ok());
    return position;
  }

  void FailReads() {
    store_.BeforeRead([] { return absl::UnavailableError("away"); });
  }
  void AllowReads() { store_.BeforeRead(nullptr); }

  std::unique_ptr<RevocationReader> NewReader() {
    return std::make_unique<RevocationReader>(
        store_, clock_, log_,
        RevocationReader::Options{.lease = kLease,
                                  .interval = absl::Milliseconds(5),
                                  .on_change = [this](const absl::Status& status) {
                                    const std::lock_guard lock(mutex_);
                                    told_.push_back(status.code());
                                  }});
  }

  SessionVerdict Judge() const { return judge_.Judge(found_).verdict; }

  std::vector<absl::StatusCode> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  storage::FoundSession found_{.record = storage::SampleSession(1),
                               .last_used_at = storage::SampleSession(1).created_at};
  FakeClock clock_{found_.record.created_at};
  std::unique_ptr<storage::AccountStore> memory_ = storage::NewMemoryAccountStore(kIncarnation);
  storage::HookedAccountStore store_{*memory_};
  RevocationLog log_;
  SessionJudge judge_{log_, clock_, kLease};

  std::mutex mutex_;
  std::vector<absl::StatusCode> told_;
};

TEST_F(RevocationReaderTest, NothingIsValidBeforeTheLogIsLoaded) {
  FailReads();
  const auto reader = NewReader();
  EXPECT_EQ(Judge(), SessionVerdict::kUnavailable);
  EXPECT_EQ(reader->CheckHealth().code(), absl::StatusCode::kUnavailable);
  AllowReads();
  EXPECT_TRUE(WaitUntil([&] { return reader->CheckHealth().ok(); }));
  EXPECT_EQ(Judge(), SessionVerdict::kValid);
}

TEST_F(RevocationReaderTest, WhatIsConfirmedIsNeverValidAgain) {
  const auto reader = NewReader();
  ASSERT_TRUE(reader->Refresh(Deadline()).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kValid);
  const auto confirmation = reader->CatchUp(Revoke(), Deadline());
  ASSERT_TRUE(confirmation.ok()) << confirmation.status();
  EXPECT_EQ(confirmation->confirmed_servers, 1);
  EXPECT_EQ(confirmation->silent_servers, 0);
  EXPECT_EQ(Judge(), SessionVerdict::kInvalid);
}

TEST_F(RevocationReaderTest, WhileReadsFailARevocationIsProvenByTheEndOfTheLease) {
  const auto reader = NewReader();
  ASSERT_TRUE(reader->Refresh(Deadline()).ok());
  FailReads();
  const std::int64_t position = Revoke();
  auto answer =
      std::async(std::launch::async, [&] { return reader->CatchUp(position, Deadline()); });
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  EXPECT_EQ(Judge(), SessionVerdict::kValid) << "not yet answered, not yet due";
  // Until the waiting call has begun it does not see time pass.
  while (answer.wait_for(std::chrono::milliseconds(1)) == std::future_status::timeout) {
    clock_.Advance(kLease);
  }
  const auto confirmation = answer.get();
  ASSERT_TRUE(confirmation.ok()) << confirmation.status();
  EXPECT_EQ(confirmation->confirmed_servers, 0);
  EXPECT_EQ(confirmation->silent_servers, 1);
  EXPECT_GE(confirmation->duration, kLease);
  EXPECT_EQ(Judge(), SessionVerdict::kUnavailable);
  AllowReads();
  ASSERT_TRUE(reader->Refresh(Deadline()).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kInvalid);
}

TEST_F(RevocationReaderTest, ACallPastItsDeadlineIsToldThatNothingIsProven) {
  FailReads();
  const auto reader = NewReader();
  EXPECT_EQ(reader->CatchUp(1, clock_.Now()).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(reader->Refresh(clock_.Now()).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(RevocationReaderTest, AReadThatBeganBeforeTheQuestionDoesNotAnswerIt) {
  const auto reader = NewReader();
  ASSERT_TRUE(reader->Refresh(Deadline()).ok());
  std::promise<void> reached;
  std::promise<void> go_on;
  std::atomic<bool> first = true;
  store_.AfterRead([&] {
    if (first.exchange(false)) {
      reached.set_value();
      go_on.get_future().wait();
    }
    return absl::OkStatus();
  });
  reached.get_future().wait();
  clock_.Advance(absl::Milliseconds(1));
  const absl::Duration asked = clock_.Monotonic();
  auto answer = std::async(std::launch::async, [&] { return reader->Refresh(Deadline()); });
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  go_on.set_value();
  EXPECT_TRUE(answer.get().ok());
  EXPECT_GE(log_.Look(found_.record).read_began, asked);
}

TEST_F(RevocationReaderTest, TellsOnceThatReadingFailsAndOnceThatItIsWellAgain) {
  const auto reader = NewReader();
  ASSERT_TRUE(reader->Refresh(Deadline()).ok());
  EXPECT_TRUE(told().empty());
  std::atomic<int> failures = 0;
  store_.BeforeRead([&] {
    ++failures;
    return absl::UnavailableError("away");
  });
  ASSERT_TRUE(WaitUntil([&] { return failures > 5; }));
  AllowReads();
  ASSERT_TRUE(WaitUntil([&] { return told().size() == 2; }));
  EXPECT_EQ(told(),
            (std::vector<absl::StatusCode>{absl::StatusCode::kUnavailable, absl::StatusCode::kOk}));
}

TEST_F(RevocationReaderTest, ReadsALongLogToItsEndBeforeItKnowsAnything) {
  std::int64_t position = 0;
  for (int i = 0; i < 2500; ++i) position = Revoke();
  int reads = 0;
  store_.AfterRead([&] {
    EXPECT_EQ(Judge(), SessionVerdict::kUnavailable);
    ++reads;
    return absl::OkStatus();
  });
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(reads, 3);
  EXPECT_EQ(log_.position(), position);
}

TEST_F(RevocationReaderTest, AnAnswerThatIsLostRenewsNothing) {
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  clock_.Advance(kLease);
  store_.AfterRead([] { return absl::UnavailableError("lost"); });
  EXPECT_FALSE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kUnavailable);
}

TEST_F(RevocationReaderTest, TheLeaseCountsFromTheBeginningOfARead) {
  store_.AfterRead([&] {
    clock_.Advance(kLease);
    return absl::OkStatus();
  });
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kUnavailable);
}

TEST_F(RevocationReaderTest, WhatFollowsTheLogHoldsUpTheLeaseAndNoRevocation) {
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kValid);
  clock_.Advance(kLease);
  const std::int64_t position = Revoke();
  const auto fail = [&](const storage::RevocationHead& head) {
    EXPECT_EQ(head.position, position);
    return absl::FailedPreconditionError("not understood");
  };
  EXPECT_EQ(ReadRevocationLog(store_, clock_, log_, fail).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log_.position(), position) << "the row counts";
  EXPECT_EQ(Judge(), SessionVerdict::kUnavailable) << "the lease does not go on";
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kInvalid);
}

TEST_F(RevocationReaderTest, ALogThatWentBackIsNotBelieved) {
  Revoke();
  Revoke();
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  const auto older = storage::NewMemoryAccountStore(kIncarnation);
  clock_.Advance(kLease);
  const absl::Status status = ReadRevocationLog(*older, clock_, log_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_EQ(Judge(), SessionVerdict::kUnavailable);
}

TEST_F(RevocationReaderTest, WhatIsForgottenBetweenTwoPagesOfAReadIsNotMissed) {
  found_.record.position = 1500;
  for (int i = 0; i < 2500; ++i) Revoke();
  found_.record.epoch += 2;  // nothing that is still there ends it
  int reads = 0;
  store_.AfterRead([&] {
    if (++reads > 1) return absl::OkStatus();
    return memory_->TransactRevoking([](storage::Transaction& transaction) {
      return transaction.Tidy(storage::Perishable::kRevocations, absl::InfiniteFuture(), 2000)
          .status();
    });
  });
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(Judge(), SessionVerdict::kInvalid) << "what ended it may be among what was forgotten";
  found_.record.position = 2000;
  EXPECT_EQ(Judge(), SessionVerdict::kValid) << "issued since";
}

TEST_F(RevocationReaderTest, ANewIncarnationEndsWhatWasIssuedBefore) {
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kValid);
  ASSERT_TRUE(memory_
                  ->TransactRevoking([](storage::Transaction& transaction) {
                    return transaction.StartIncarnation("EQIDBAUGBwgJCgsMDQ4PEA");
                  })
                  .ok());
  ASSERT_TRUE(ReadRevocationLog(store_, clock_, log_).ok());
  EXPECT_EQ(Judge(), SessionVerdict::kInvalid);
}

TEST_F(RevocationReaderTest, AnIncarnationThatIsNoneIsNotBelieved) {
  const auto damaged = storage::NewMemoryAccountStore("none");
  EXPECT_EQ(ReadRevocationLog(*damaged, clock_, log_).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Judge(), SessionVerdict::kUnavailable);
}

}  // namespace
}  // namespace gatehouse::server
