#include "tests/harness/fatal.h"

#include <cstdlib>
#include <iostream>

namespace gatehouse::harness {

void Fatal(absl::string_view message) {
  std::cerr << "\ntest harness: " << message << std::endl;
  std::abort();
}

}  // namespace gatehouse::harness
