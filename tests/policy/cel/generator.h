// Random expressions for property tests and fuzzers: well typed over the facts of testing.h, or
// torn.
#ifndef GATEHOUSE_TESTS_POLICY_CEL_GENERATOR_H_
#define GATEHOUSE_TESTS_POLICY_CEL_GENERATOR_H_

#include <random>
#include <string>

#include "policy/cel/type.h"

namespace gatehouse::policy::cel {

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  // An expression of about that depth, meant to be of the given type.
  std::string Expression(Type::Kind kind, int depth);
  // Of any type.
  std::string Expression(int depth);

 private:
  std::string Bool(int depth);
  std::string Int(int depth);
  std::string String(int depth);
  std::string Timestamp(int depth);
  std::string Duration(int depth);
  std::string List(int depth);
  std::string Comparison(int depth);
  std::string Choose(Type::Kind kind, int depth);
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

  std::mt19937 random_;
  int variables_ = 0;  // of comprehensions in scope, x0, x1, ...: all ints
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_TESTS_POLICY_CEL_GENERATOR_H_
