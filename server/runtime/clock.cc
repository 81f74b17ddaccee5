#include "server/runtime/clock.h"

#include <time.h>

#include <algorithm>

namespace gatehouse::server {
namespace {

timespec Read(clockid_t clock) {
  timespec reading;
  clock_gettime(clock, &reading);
  return reading;
}

absl::Time ToMicrosecond(absl::Time time) { return absl::FromUnixMicros(absl::ToUnixMicros(time)); }

}  // namespace

absl::Time ForwardTime::At(absl::Time wall, absl::Duration boottime) {
  const std::int64_t read = absl::ToUnixNanos(wall - boottime);
  std::int64_t furthest = offset_.load(std::memory_order_relaxed);
  while (read > furthest &&
         !offset_.compare_exchange_weak(furthest, read, std::memory_order_relaxed)) {
  }
  return absl::FromUnixNanos(std::max(read, furthest)) + boottime;
}

SystemClock::SystemClock() { Now(); }

absl::Time SystemClock::Now() const {
  const absl::Time wall = absl::TimeFromTimespec(Read(CLOCK_REALTIME));
  return ToMicrosecond(time_.At(wall, Monotonic()));
}

absl::Duration SystemClock::Lead() const {
  const absl::Time wall = absl::TimeFromTimespec(Read(CLOCK_REALTIME));
  return time_.At(wall, Monotonic()) - wall;
}

absl::Duration SystemClock::Monotonic() const {
  return absl::DurationFromTimespec(Read(CLOCK_BOOTTIME));
}

FakeClock::FakeClock(absl::Time now) : wall_(now) { Now(); }

absl::Time FakeClock::Now() const {
  const std::lock_guard lock(mutex_);
  return time_.At(wall_, monotonic_);
}

absl::Duration FakeClock::Lead() const {
  const std::lock_guard lock(mutex_);
  return time_.At(wall_, monotonic_) - wall_;
}

absl::Duration FakeClock::Monotonic() const {
  const std::lock_guard lock(mutex_);
  return monotonic_;
}

void FakeClock::Advance(absl::Duration step) {
  const std::lock_guard lock(mutex_);
  wall_ += step;
  monotonic_ += step;
}

void FakeClock::StepTo(absl::Time wall) {
  const std::lock_guard lock(mutex_);
  wall_ = wall;
}

}  // namespace gatehouse::server
