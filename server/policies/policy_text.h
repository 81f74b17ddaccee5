// From a policy's text to a policy that may decide. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_POLICIES_POLICY_TEXT_H_
#define GATEHOUSE_SERVER_POLICIES_POLICY_TEXT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "policy/policy.h"
#include "storage/records.h"

namespace gatehouse::server {

// A text with everything that stands against its taking effect: errors, or its own tests that fail.
struct TestedPolicy {
  std::shared_ptr<const policy::Policy> policy;  // null if there are errors
  std::vector<std::string> errors;               // "file:88:18: error: ...", with excerpts
  std::vector<std::string> failed_tests;         // "file:120: test '...' failed: ..."

  bool ok() const { return errors.empty() && failed_tests.empty(); }
};

TestedPolicy CompileAndTest(absl::string_view text, absl::string_view file_name);

// A revision that was put in force once. FAILED_PRECONDITION if this server does not understand it,
// or if the text is not the one that its digest stands for.
absl::StatusOr<std::shared_ptr<const policy::Policy>> CompileRevision(
    const storage::PolicyRevisionRecord& revision);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_POLICIES_POLICY_TEXT_H_
