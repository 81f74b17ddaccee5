// The shipped rules, for tests of many rounds that are not about what a password costs.
// Thread-safe; what cannot be had ends the test program (fatal.h).

#ifndef GATEHOUSE_TESTS_HARNESS_SHIPPED_POLICY_H_
#define GATEHOUSE_TESTS_HARNESS_SHIPPED_POLICY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gatehouse::harness {

// As shipped, but for Argon2 with next to no memory and one pass.
std::string PolicyWithCheapHashing();
// The same with another value of one parameter, and without the file's own tests, which want the
// shipped one.
std::string PolicyWhere(absl::string_view parameter, absl::string_view value);

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_SHIPPED_POLICY_H_
