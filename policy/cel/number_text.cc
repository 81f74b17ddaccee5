#include "policy/cel/number_text.h"

#include <array>
#include <charconv>

namespace gatehouse::policy::cel {

std::string DoubleText(double number) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return std::string(buffer.data(), result.ptr);
}

}  // namespace gatehouse::policy::cel
