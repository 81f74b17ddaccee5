// Time as the server sees it. Everything that judges an instant takes a Clock, so that whole
// stories can be told on a fake one. All methods of all clocks may be called from any thread. A
// Clock is owned by the composition root (or the test) and outlives its users.
#ifndef GATEHOUSE_SERVER_RUNTIME_CLOCK_H_
#define GATEHOUSE_SERVER_RUNTIME_CLOCK_H_

#include <mutex>

#include "absl/time/time.h"

namespace gatehouse::server {

class Clock {
 public:
  virtual ~Clock() = default;

  // The wall clock: for instants that are stored or told. It may be stepped in either direction.
  // To the microsecond, as the stores keep it: what is told once is told so ever after.
  virtual absl::Time Now() const = 0;

  // Time since an unspecified start, CLOCK_BOOTTIME: never stepped, counts while suspended. For
  // measuring how long something took or how old it is within this process.
  virtual absl::Duration Monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
};

// A clock that stands still until it is told otherwise.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override;
  absl::Duration Monotonic() const override;

  // Lets time pass: both clocks go forward by `step`, which must not be negative.
  void Advance(absl::Duration step);

  // Steps the wall clock alone, either way, as an administrator or NTP would.
  void StepTo(absl::Time now);

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
  absl::Duration monotonic_ = absl::ZeroDuration();
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_CLOCK_H_
