#include "server/runtime/clock.h"

#include "absl/time/clock.h"
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

TEST(FakeClockTest, FollowsTheWallClockForwardAndNeverBack) {
  FakeClock clock(kNoon);
  clock.Advance(absl::Seconds(1));
  clock.StepTo(kNoon - absl::Hours(24));
  EXPECT_EQ(clock.Now(), kNoon + absl::Seconds(1));
  EXPECT_EQ(clock.Lead(), absl::Hours(24) + absl::Seconds(1));
  EXPECT_EQ(clock.Monotonic(), absl::Seconds(1));
  clock.StepTo(kNoon + absl::Hours(24));
  EXPECT_EQ(clock.Now(), kNoon + absl::Hours(24));
  EXPECT_EQ(clock.Lead(), absl::ZeroDuration());
}

TEST(ForwardTimeTest, GoesOnAtItsOwnPaceWhereTheWallClockIsSteppedBack) {
  ForwardTime time;
  const struct {
    absl::Duration wall;  // after noon
    absl::Duration boottime;
    absl::Duration expected;  // after noon
  } readings[] = {
      {absl::Seconds(0), absl::Seconds(100), absl::Seconds(0)},
      {absl::Seconds(5), absl::Seconds(105), absl::Seconds(5)},
      {-absl::Hours(24), absl::Seconds(106), absl::Seconds(6)},
      {-absl::Hours(24) + absl::Seconds(10), absl::Seconds(116), absl::Seconds(16)},
      {absl::Seconds(17), absl::Seconds(117), absl::Seconds(17)},  // put right again
      {absl::Hours(1), absl::Seconds(118), absl::Hours(1)},        // stepped forward
      {absl::Seconds(19), absl::Seconds(119), absl::Hours(1) + absl::Seconds(1)},
  };
  for (const auto& [wall, boottime, expected] : readings) {
    EXPECT_EQ(time.At(kNoon + wall, boottime), kNoon + expected) << wall;
  }
}

TEST(ForwardTimeTest, APauseBetweenTheTwoReadingsLeavesNoTrace) {
  ForwardTime time;
  EXPECT_EQ(time.At(kNoon, absl::Seconds(3)), kNoon) << "boot time was read three seconds late";
  EXPECT_EQ(time.At(kNoon + absl::Seconds(4), absl::Seconds(4)), kNoon + absl::Seconds(4));
}

TEST(SystemClockTest, TellsTheTimeAndHasNoLeadUnlessTheWallClockIsStepped) {
  const SystemClock clock;
  const absl::Time before = absl::FromUnixMicros(absl::GetCurrentTimeNanos() / 1000);
  const absl::Time now = clock.Now();
  EXPECT_LE(absl::AbsDuration(now - before), absl::Seconds(10));
  EXPECT_EQ(absl::FromUnixMicros(absl::ToUnixMicros(now)), now);
  EXPECT_LE(clock.Lead(), absl::Milliseconds(100));
  EXPECT_GE(clock.Lead(), absl::ZeroDuration());
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
