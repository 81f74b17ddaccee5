#include "server/runtime/bounded_queue.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

TEST(BoundedQueueTest, GivesBackWhatWasPutInInOrder) {
  BoundedQueue<int> queue(4);
  EXPECT_FALSE(queue.TryPop().has_value());
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.TryPush(10 * round + i));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.TryPop(), 10 * round + i);
    EXPECT_FALSE(queue.TryPop().has_value());
  }
}

TEST(BoundedQueueTest, RefusesWhatDoesNotFitAndLeavesItWithItsOwner) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  EXPECT_TRUE(queue.TryPush(std::make_unique<int>(1)));
  EXPECT_TRUE(queue.TryPush(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(queue.TryPush(std::move(third)));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(**queue.TryPop(), 1);
  EXPECT_TRUE(queue.TryPush(std::move(third)));
}

TEST(BoundedQueueTest, OfTheSmallestCapacityTakesTwo) {
  for (const int capacity : {0, 1}) {
    BoundedQueue<int> queue(static_cast<std::size_t>(capacity));
    EXPECT_TRUE(queue.TryPush(1));
    EXPECT_TRUE(queue.TryPush(2));
    EXPECT_FALSE(queue.TryPush(3));
    EXPECT_EQ(queue.TryPop(), 1);
    EXPECT_EQ(queue.TryPop(), 2);
    EXPECT_FALSE(queue.TryPop().has_value());
  }
}

TEST(BoundedQueueTest, LosesAndDoublesNothingBetweenThreads) {
  constexpr int kPushers = 4;
  constexpr int kEach = 20'000;
  BoundedQueue<int> queue(64);
  std::vector<std::thread> pushers;
  for (int pusher = 0; pusher < kPushers; ++pusher) {
    pushers.emplace_back([&queue, pusher] {
      for (int i = 0; i < kEach; ++i) {
        while (!queue.TryPush(pusher * kEach + i)) std::this_thread::yield();
      }
    });
  }
  std::vector<int> seen(kPushers * kEach);
  std::vector<int> last(kPushers, -1);
  for (int popped = 0; popped < kPushers * kEach;) {
    const auto value = queue.TryPop();
    if (!value.has_value()) {
      std::this_thread::yield();
      continue;
    }
    ++popped;
    ++seen[static_cast<size_t>(*value)];
    int& latest = last[static_cast<size_t>(*value / kEach)];
    EXPECT_LT(latest, *value);
    latest = *value;
  }
  for (std::thread& pusher : pushers) pusher.join();
  for (const int times : seen) EXPECT_EQ(times, 1);
}

}  // namespace
}  // namespace gatehouse::server
