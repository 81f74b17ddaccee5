// The bounds within which texts are read and programs run, so that a hostile text costs little.
#ifndef GATEHOUSE_POLICY_CEL_LIMITS_H_
#define GATEHOUSE_POLICY_CEL_LIMITS_H_

#include <cstdint>

namespace gatehouse::policy::cel {

struct Limits {
  // Of the text, in bytes.
  uint32_t source_bytes = 64 * 1024;
  // How deeply expressions may lie within each other, parentheses and operands alike.
  uint32_t nesting = 128;
  // Of the parsed expression.
  uint32_t nodes = 10'000;
  // Comprehensions (all, exists, map, ...) within each other.
  uint32_t comprehensions = 8;
  // Diagnostics that one text is answered with.
  uint32_t diagnostics = 20;
  // Estimated worst-case steps of one evaluation; a step is a node visited or 16 bytes looked at.
  uint64_t cost = 1'000'000;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_LIMITS_H_
