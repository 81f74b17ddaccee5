// Time as the server sees it. Everything that judges an instant takes a Clock, so that whole
// stories can be told on a fake one. All methods of all clocks may be called from any thread. A
// Clock is owned by the composition root (or the test) and outlives its users.
#ifndef GATEHOUSE_SERVER_RUNTIME_CLOCK_H_
#define GATEHOUSE_SERVER_RUNTIME_CLOCK_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>

#include "absl/time/time.h"

namespace gatehouse::server {

class Clock {
 public:
  virtual ~Clock() = default;

  // For instants that are stored or told. It follows the system's wall clock forward and never goes
  // back: where that one is stepped back, this one goes on at its own pace, so that no session,
  // lock or grant lasts longer for it. To the microsecond, as the stores keep it: what is told once
  // is told so ever after.
  virtual absl::Time Now() const = 0;

  // How far Now() is ahead of the system's wall clock: by how much that was stepped back.
  virtual absl::Duration Lead() const = 0;

  // Time since an unspecified start, CLOCK_BOOTTIME: never stepped, counts while suspended. For
  // measuring how long something took or how old it is within this process.
  virtual absl::Duration Monotonic() const = 0;
};

// Makes of a wall clock's readings a time that never goes back: steps forward are taken, steps back
// are not. Thread-safe; takes no lock.
class ForwardTime {
 public:
  // `boottime` must be read after `wall`: a pause between the two then makes this reading too
  // early, which the next one mends, and never all later ones too late.
  absl::Time At(absl::Time wall, absl::Duration boottime);

 private:
  // The most that the wall clock has been ahead of the time since boot, in nanoseconds.
  std::atomic<std::int64_t> offset_ = std::numeric_limits<std::int64_t>::min();
};

class SystemClock final : public Clock {
 public:
  SystemClock();

  absl::Time Now() const override;
  absl::Duration Lead() const override;
  absl::Duration Monotonic() const override;

 private:
  mutable ForwardTime time_;
};

// A clock that stands still until it is told otherwise.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time now);

  absl::Time Now() const override;
  absl::Duration Lead() const override;
  absl::Duration Monotonic() const override;

  // Lets time pass: both clocks go forward by `step`, which must not be negative.
  void Advance(absl::Duration step);

  // Steps the wall clock alone, either way, as an administrator or NTP would. Now() follows
  // forward.
  void StepTo(absl::Time wall);

 private:
  mutable std::mutex mutex_;
  mutable ForwardTime time_;
  absl::Time wall_;
  absl::Duration monotonic_ = absl::ZeroDuration();
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_CLOCK_H_
