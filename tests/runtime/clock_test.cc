#include "server/runtime/clock.h"

#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

const absl::Time kNoon = absl::FromCivil(absl::CivilSecond(2026, 3, 1, 12), absl::UTCTimeZone());

TEST(FakeClockTest, StandsStillUntilTold) {
  FakeClock clock(kNoon);
  EXPECT_EQ(clock.Now(), kNoon);
  EXPECT_EQ(clock.Now(), kNoon);
  clock.Advance(absl::Minutes(5));
  EXPECT_EQ(clock.Now(), kNoon + absl::Minutes(5));
  EXPECT_EQ(clock.Monotonic(), absl::Minutes(5));
}

TEST(FakeClockTest, SteppingTheWallClockLeavesElapsedTimeAlone) {
  FakeClock clock(kNoon);
  clock.Advance(absl::Seconds(1));
  clock.StepTo(kNoon - absl::Hours(24));
  EXPECT_EQ(clock.Now(), kNoon - absl::Hours(24));
  EXPECT_EQ(clock.Monotonic(), absl::Seconds(1));
}

TEST(SystemClockTest, ElapsedTimeNeverGoesBack) {
  const SystemClock clock;
  absl::Duration last = clock.Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration next = clock.Monotonic();
    EXPECT_GE(next, last);
    last = next;
  }
}

}  // namespace
}  // namespace gatehouse::server
