// What the policy's tests share: the smallest policy that compiles, and facts for it.

#ifndef GATEHOUSE_TESTS_POLICY_TESTING_H_
#define GATEHOUSE_TESTS_POLICY_TESTING_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "policy/policy.h"

namespace gatehouse::policy {

// A name and all parameters that operations read, on the first two lines; then `rules`.
inline std::string PolicyText(absl::string_view rules) {
  std::string text = "name: 'small'\n";
  for (const ParameterInfo& parameter : AllParameters()) {
    const bool is_duration = parameter.type == ParameterType::kDuration;
    absl::StrAppend(&text, "parameters { name: '", parameter.name, "' value: \"",
                    is_duration ? "duration('1h')" : "7", "\" } ");
  }
  return absl::StrCat(text, "\n", rules);
}

inline std::shared_ptr<const Policy> CompileOrDie(absl::string_view rules) {
  CompileResult result = Policy::Compile(PolicyText(rules), "small.textproto");
  EXPECT_NE(result.policy, nullptr) << Render(result.problems);
  if (result.policy == nullptr) std::abort();
  return result.policy;
}

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_TESTS_POLICY_TESTING_H_
