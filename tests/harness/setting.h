// What whoever runs a test may say about it by the environment. Thread-safe.

#ifndef GATEHOUSE_TESTS_HARNESS_SETTING_H_
#define GATEHOUSE_TESTS_HARNESS_SETTING_H_

#include <cstdint>

namespace gatehouse::harness {

// A number by its name, such as GATEHOUSE_SEED; `otherwise` when there is none.
uint64_t Setting(const char* name, uint64_t otherwise);

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_SETTING_H_
