#include "server/policies/policy_text.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "policy/problem.h"

namespace gatehouse::server {

TestedPolicy CompileAndTest(absl::string_view text, absl::string_view file_name) {
  policy::CompileResult compiled = policy::Policy::Compile(text, file_name);
  TestedPolicy tested{.policy = std::move(compiled.policy), .errors = {}, .failed_tests = {}};
  for (const policy::Problem& problem : compiled.problems) {
    if (problem.severity == policy::Problem::Severity::kError) {
      tested.errors.push_back(problem.ToString());
    }
  }
  if (tested.policy == nullptr) return tested;
  for (const policy::TestResult& result : tested.policy->RunTests()) {
    if (result.passed) continue;
    tested.failed_tests.push_back(absl::StrCat(file_name, ":", result.line, ": test '", result.name,
                                               "' failed: ", result.difference));
  }
  return tested;
}

absl::StatusOr<std::shared_ptr<const policy::Policy>> CompileRevision(
    const storage::PolicyRevisionRecord& revision) {
  policy::CompileResult compiled = policy::Policy::Compile(revision.text, revision.revision);
  if (compiled.policy == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the policy ", revision.revision,
        " is not one that this gatehouse-server understands: ", policy::Render(compiled.problems),
        "'gatehouse-server policy show' tells its text, 'gatehouse-policy upgrade' "
        "adds what a newer server needs, and 'gatehouse-server policy activate' puts "
        "it in force (deploy/README.md, Upgrades)"));
  }
  if (compiled.policy->revision().ToString() != revision.revision) {
    return absl::FailedPreconditionError(
        absl::StrCat("the text stored for the policy ", revision.revision, " is another one"));
  }
  return std::move(compiled.policy);
}

}  // namespace gatehouse::server
