// The tests that stand beside the rules in a policy's text, run; and what they leave untried.
//
// Pure functions of an immutable policy; thread-safe.

#ifndef GATEHOUSE_POLICY_POLICY_TEST_RUNNER_H_
#define GATEHOUSE_POLICY_POLICY_TEST_RUNNER_H_

#include <string>
#include <vector>

#include "policy/policy.h"

namespace gatehouse::policy {

// One result a test and action, in the order of the text.
std::vector<TestResult> RunPolicyTests(const Policy& policy);

// Which ways a rule was tried by a policy's tests.
struct RuleCoverage {
  std::string rule_id;
  uint32_t line = 0;
  bool held = false;    // permitted, was fulfilled, obliged
  bool failed = false;  // did not permit, was violated, did not oblige
};

// One element a rule, in the order of the text within each kind.
std::vector<RuleCoverage> MeasureCoverage(const Policy& policy);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_POLICY_TEST_RUNNER_H_
