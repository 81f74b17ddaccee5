// Policies and facts made at random, for properties that hold for all of them.
//
// Expressions speak of a few facts of every type in all the ways that rules do; facts take values
// near what the expressions compare them with, and are unknown or absent now and then. One thread;
// equal seeds make equal sequences.

#ifndef GATEHOUSE_TESTS_POLICY_ANALYSIS_RANDOM_POLICY_H_
#define GATEHOUSE_TESTS_POLICY_ANALYSIS_RANDOM_POLICY_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "policy/facts.h"
#include "policy/policy.h"

namespace gatehouse::policy::analysis {

class RandomPolicies {
 public:
  explicit RandomPolicies(uint32_t seed) : random_(seed) {}

  // The text of a policy with a few rules about SIGN_IN and GET_ACCOUNT.
  std::string Text();
  // The same with one expression put in another's place, or some rule gone.
  std::string Changed(const std::string& text);
  Facts MakeFacts();

 private:
  size_t Below(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }
  bool OneIn(size_t count) { return Below(count) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& all) {
    return all[Below(all.size())];
  }

  std::string Expression(int depth);
  std::string Question();
  std::string Rule(int number);
  void SetRoles(Fact fact, Facts& facts);
  void SetAny(const FactInfo& info, absl::Time now, Facts& facts);

  std::mt19937 random_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_TESTS_POLICY_ANALYSIS_RANDOM_POLICY_H_
