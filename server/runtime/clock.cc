#include "server/runtime/clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace gatehouse::server {

absl::Time SystemClock::Now() const {
  return absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
}

absl::Duration SystemClock::Monotonic() const {
  timespec since_boot;
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return absl::DurationFromTimespec(since_boot);
}

absl::Time FakeClock::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

absl::Duration FakeClock::Monotonic() const {
  const std::lock_guard lock(mutex_);
  return monotonic_;
}

void FakeClock::Advance(absl::Duration step) {
  const std::lock_guard lock(mutex_);
  now_ += step;
  monotonic_ += step;
}

void FakeClock::StepTo(absl::Time now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

}  // namespace gatehouse::server
