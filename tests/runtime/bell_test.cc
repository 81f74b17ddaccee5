#include "server/runtime/bell.h"

#include <cstdint>
#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

constexpr absl::Duration kLong = absl::Minutes(5);

TEST(BellTest, ARingWakesWhoeverWaits) {
  Bell bell;
  const std::uint64_t rings = bell.rings();
  std::thread waiting([&] { bell.WaitForMore(rings, kLong); });
  bell.Ring();
  waiting.join();
  EXPECT_EQ(bell.rings(), rings + 1);
}

TEST(BellTest, ARingBetweenLookingAndWaitingIsNotMissed) {
  Bell bell;
  const std::uint64_t rings = bell.rings();
  bell.Ring();
  const absl::Time began = absl::Now();
  bell.WaitForMore(rings, kLong);
  EXPECT_LT(absl::Now() - began, kLong);
}

TEST(BellTest, PatienceEnds) {
  const Bell bell;
  const absl::Time began = absl::Now();
  bell.WaitForMore(0, absl::Milliseconds(10));
  EXPECT_GE(absl::Now() - began, absl::Milliseconds(9));
}

}  // namespace
}  // namespace gatehouse::server
