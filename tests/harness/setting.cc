#include "tests/harness/setting.h"

#include <cstdlib>

#include "absl/strings/numbers.h"

namespace gatehouse::harness {

uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

}  // namespace gatehouse::harness
