// Any rules compile to a policy that can be tested and asked, or to errors that can be shown.
#include <cstdint>
#include <cstdlib>

#include "policy/policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = PolicyText(absl::string_view(reinterpret_cast<const char*>(data), size));
  const CompileResult result = Policy::Compile(text, "fuzzed");
  if ((result.policy == nullptr) != HasErrors(result.problems)) std::abort();
  for (const Problem& problem : result.problems) {
    if (problem.line == 0 || problem.column == 0 || problem.message.empty()) std::abort();
    problem.ToString();
  }
  if (result.policy == nullptr) return 0;
  result.policy->RunTests();
  const Facts nothing;
  for (const Action::Value action : {Action::SIGN_IN, Action::GET_ACCOUNT}) {
    const bool allowed = result.policy->Allows(action, nothing);
    if (result.policy->Decide(action, nothing).allowed != allowed) std::abort();
  }
  return 0;
}

}  // namespace gatehouse::policy
