// Ends the test program when its surroundings cannot be set up: a missing binary or a server that
// never becomes ready makes every later assertion meaningless, so nobody has to check for it.

#ifndef GATEHOUSE_TESTS_HARNESS_FATAL_H_
#define GATEHOUSE_TESTS_HARNESS_FATAL_H_

#include "absl/strings/string_view.h"

namespace gatehouse::harness {

[[noreturn]] void Fatal(absl::string_view message);

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_FATAL_H_
