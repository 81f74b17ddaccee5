#include "server/secrets/hash_gate.h"

#include <sched.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kNever = [] { return false; };

class HashGateTest : public ::testing::Test {
 protected:
  LaneMetrics& metrics() { return metrics_.ForLane("hash"); }

  // Returns once `count` callers wait: the gauge is set before the waiter lets go of the lock.
  void AwaitWaiting(int count) {
    const std::string line = absl::StrCat("gatehouse_lane_depth{lane=\"hash\"} ", count, "\n");
    while (metrics_.Text().find(line) == std::string::npos) std::this_thread::yield();
  }

  FakeClock clock_{absl::UnixEpoch()};
  Metrics metrics_;
};

TEST_F(HashGateTest, GivesAsManyPermitsAtOnceAsItHas) {
  HashGate gate({.concurrent = 2, .queue_limit = 0}, clock_, metrics());
  absl::StatusOr<HashPermit> first = gate.Acquire(absl::InfiniteFuture(), kNever);
  std::optional<absl::StatusOr<HashPermit>> second = gate.Acquire(absl::InfiniteFuture(), kNever);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second->ok());
  EXPECT_NE(&first->workspace(), &(*second)->workspace());
  EXPECT_EQ(gate.Acquire(absl::InfiniteFuture(), kNever).status().code(),
            absl::StatusCode::kResourceExhausted);
  second.reset();
  EXPECT_TRUE(gate.Acquire(absl::InfiniteFuture(), kNever).ok());
}

TEST_F(HashGateTest, OthersGoFirstWhileAPermitIsHeldAndNoLonger) {
  HashGate gate({.concurrent = 1}, clock_, metrics());
  {
    const absl::StatusOr<HashPermit> permit = gate.Acquire(absl::InfiniteFuture(), kNever);
    ASSERT_TRUE(permit.ok());
    EXPECT_EQ(sched_getscheduler(0), SCHED_BATCH);
  }
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST_F(HashGateTest, ServesInTheOrderOfComing) {
  HashGate gate({.concurrent = 1, .queue_limit = 8}, clock_, metrics());
  std::optional<absl::StatusOr<HashPermit>> held = gate.Acquire(absl::InfiniteFuture(), kNever);
  std::vector<int> served;  // written under the one permit
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&gate, &served, i] {
      const absl::StatusOr<HashPermit> permit = gate.Acquire(absl::InfiniteFuture(), kNever);
      ASSERT_TRUE(permit.ok());
      served.push_back(i);
    });
    AwaitWaiting(i + 1);
  }
  held.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(served, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(HashGateTest, RefusesAtTheDoorWhoeverWouldComeToTheirTurnTooLate) {
  HashGate gate({.concurrent = 1, .queue_limit = 100}, clock_, metrics());
  const absl::StatusOr<HashPermit> held = gate.Acquire(absl::InfiniteFuture(), kNever);
  const absl::Duration wait = gate.ExpectedWait();
  EXPECT_GT(wait, absl::ZeroDuration());
  EXPECT_EQ(gate.Acquire(clock_.Now() + wait, kNever).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_lane_rejected_total{lane=\"hash\"} 1"));
}

TEST_F(HashGateTest, NothingIsHashedForACallerWhoHasGone) {
  HashGate gate({.concurrent = 1, .queue_limit = 8}, clock_, metrics());
  EXPECT_EQ(gate.Acquire(absl::InfiniteFuture(), [] { return true; }).status().code(),
            absl::StatusCode::kCancelled);
  std::optional<absl::StatusOr<HashPermit>> held = gate.Acquire(absl::InfiniteFuture(), kNever);
  std::atomic<bool> gone = false;
  std::future<absl::StatusCode> cancelled = std::async(std::launch::async, [&] {
    return gate.Acquire(absl::InfiniteFuture(), [&] { return gone.load(); }).status().code();
  });
  AwaitWaiting(1);
  std::future<absl::StatusCode> next = std::async(std::launch::async, [&] {
    return gate.Acquire(absl::InfiniteFuture(), kNever).status().code();
  });
  AwaitWaiting(2);
  gone = true;
  held.reset();
  EXPECT_EQ(cancelled.get(), absl::StatusCode::kCancelled);
  EXPECT_EQ(next.get(), absl::StatusCode::kOk);
}

TEST_F(HashGateTest, ATurnThatComesTooLateIsPassedOn) {
  HashGate gate({.concurrent = 1, .queue_limit = 8}, clock_, metrics());
  std::optional<absl::StatusOr<HashPermit>> held = gate.Acquire(absl::InfiniteFuture(), kNever);
  const absl::Time deadline = clock_.Now() + absl::Hours(1);
  std::future<absl::StatusCode> late = std::async(
      std::launch::async, [&] { return gate.Acquire(deadline, kNever).status().code(); });
  AwaitWaiting(1);
  clock_.Advance(absl::Hours(1));
  held.reset();
  EXPECT_EQ(late.get(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(gate.Acquire(absl::InfiniteFuture(), kNever).ok());
}

TEST_F(HashGateTest, AWaiterLeavesWhenItsDeadlinePasses) {
  const SystemClock real;
  HashGate gate({.concurrent = 1, .queue_limit = 1}, real, metrics());
  const absl::StatusOr<HashPermit> held = gate.Acquire(absl::InfiniteFuture(), kNever);
  const absl::Time deadline = real.Now() + gate.ExpectedWait() + absl::Milliseconds(50);
  EXPECT_EQ(gate.Acquire(deadline, kNever).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(real.Now(), deadline);
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_lane_depth{lane=\"hash\"} 0"));
}

TEST_F(HashGateTest, OneSlowHashDoesNotCloseTheGateForGood) {
  HashGate gate({.concurrent = 1, .queue_limit = 8}, clock_, metrics());
  {
    const absl::StatusOr<HashPermit> slow = gate.Acquire(absl::InfiniteFuture(), kNever);
    clock_.Advance(absl::Hours(1));  // the machine was suspended
  }
  for (int i = 0; i < 200; ++i) {
    const auto permit = gate.Acquire(clock_.Now() + absl::Seconds(10), kNever);
    ASSERT_TRUE(permit.ok()) << permit.status();
    clock_.Advance(absl::Milliseconds(10));
  }
  const absl::StatusOr<HashPermit> held = gate.Acquire(absl::InfiniteFuture(), kNever);
  EXPECT_LT(gate.ExpectedWait(), absl::Milliseconds(20));
}

TEST_F(HashGateTest, ManyCallersNeverHoldMoreThanThereIsAndAllAreAnswered) {
  constexpr int kConcurrent = 3;
  constexpr int kCallers = 16;
  constexpr int kRounds = 500;
  const SystemClock real;
  HashGate gate({.concurrent = kConcurrent, .queue_limit = 8}, real, metrics());
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int round = 0; round < kRounds; ++round) {
        const auto permit = gate.Acquire(real.Now() + absl::Milliseconds(round % 40),
                                         [&] { return (caller + round) % 5 == 0; });
        if (permit.ok()) {
          const int now_inside = ++inside;
          for (int seen = most; now_inside > seen && !most.compare_exchange_weak(seen, now_inside);)
            ;
          std::this_thread::yield();
          --inside;
        }
        ++answered;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(answered, kCallers * kRounds);
  EXPECT_LE(most, kConcurrent);
  EXPECT_EQ(gate.ExpectedWait(), absl::ZeroDuration()) << "every permit came back";
}

}  // namespace
}  // namespace gatehouse::server
