// Waits for a condition that another process brings about, by asking again and again until a
// deadline. The pause between two questions is no synchronisation: a test passes or fails by the
// condition alone.

#ifndef GATEHOUSE_TESTS_HARNESS_WAIT_H_
#define GATEHOUSE_TESTS_HARNESS_WAIT_H_

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace gatehouse::harness {

// True as soon as `condition` is; false when it never was before `patience` ran out. The default
// outlasts a machine that runs several sanitised builds at once.
bool WaitUntil(absl::FunctionRef<bool()> condition, absl::Duration patience = absl::Seconds(60));

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_WAIT_H_
