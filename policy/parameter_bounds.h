// The least value of each parameter that operations can work with: they divide by some, and draw
// from so many as others say. What is smaller is refused when a policy is compiled. Pure;
// thread-safe.

#ifndef GATEHOUSE_POLICY_PARAMETER_BOUNDS_H_
#define GATEHOUSE_POLICY_PARAMETER_BOUNDS_H_

#include <cstdint>

#include "policy/parameters.h"

namespace gatehouse::policy {

// Of durations, in nanoseconds.
int64_t LeastValue(Parameter parameter);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_PARAMETER_BOUNDS_H_
