#include "tests/harness/wait.h"

#include "absl/time/clock.h"

namespace gatehouse::harness {

bool WaitUntil(absl::FunctionRef<bool()> condition, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (!condition()) {
    if (absl::Now() >= deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace gatehouse::harness
