#include "server/operations/policies/named_policy.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/problem.h"
#include "server/operations/call/messages.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

constexpr int64_t kLongestRevision = 64;
// What stands before the line and column of a fault.
constexpr char kFileName[] = "policy";
// An error's message has to fit into a call's trailers.
constexpr size_t kMostFaults = 5;
constexpr size_t kLongestFaults = 2048;

// The first line of each: a message is one line, and what is drawn below one is for files.
std::string FirstOf(const std::vector<std::string>& faults) {
  std::vector<absl::string_view> shown;
  for (const std::string& fault : faults) {
    if (shown.size() == kMostFaults) break;
    shown.push_back(absl::string_view(fault).substr(0, fault.find('\n')));
  }
  std::string text = absl::StrJoin(shown, "; ").substr(0, kLongestFaults);
  if (faults.size() > shown.size()) {
    absl::StrAppend(&text, "; and ", faults.size() - shown.size(),
                    " more, which ValidatePolicy tells");
  }
  return text;
}

absl::Status Invalid(const std::vector<std::string>& errors) {
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_POLICY_INVALID,
               absl::StrCat("the policy's text has errors: ", FirstOf(errors)));
}

}  // namespace

void CheckSource(absl::string_view field, const v1::PolicySource& source, Presence presence,
                 RequestCheck& check) {
  switch (source.source_case()) {
    case v1::PolicySource::kRevision:
      check.Text(absl::StrCat(field, ".revision"), source.revision(), kLongestRevision,
                 Presence::kRequired);
      return;
    case v1::PolicySource::kText:
      if (source.text().empty()) check.Fault(absl::StrCat(field, ".text"), "must be given");
      return;
    case v1::PolicySource::SOURCE_NOT_SET:
      if (presence == Presence::kRequired) check.Fault(field, "must name a revision or a text");
      return;
  }
}

absl::StatusOr<storage::PolicyRevisionRecord> FindRevision(storage::Transaction& transaction,
                                                           absl::string_view revision) {
  auto found = transaction.FindPolicyRevision(revision);
  if (!absl::IsNotFound(found.status())) return found;
  return Error(absl::StatusCode::kNotFound, v1::ERROR_REASON_POLICY_REVISION_UNKNOWN,
               "there is no policy with this digest; ListPolicyRevisions tells all");
}

absl::StatusOr<std::string> ReadText(storage::Transaction& transaction,
                                     const v1::PolicySource& source) {
  if (source.has_text()) return source.text();
  GATEHOUSE_ASSIGN_OR_RETURN(storage::PolicyRevisionRecord revision,
                             FindRevision(transaction, source.revision()));
  return std::move(revision.text);
}

absl::Status ToStatus(const TestedPolicy& tested) {
  if (!tested.errors.empty()) return Invalid(tested.errors);
  if (tested.failed_tests.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_POLICY_TESTS_FAILED,
               absl::StrCat("the policy fails tests of its own: ", FirstOf(tested.failed_tests)));
}

absl::StatusOr<PolicyPtr> Compile(absl::string_view text, const PolicyPtr& present) {
  if (text == present->text()) return present;
  policy::CompileResult compiled = policy::Policy::Compile(text, kFileName);
  if (compiled.policy != nullptr) return std::move(compiled.policy);
  std::vector<std::string> errors;
  for (const policy::Problem& problem : compiled.problems) {
    if (problem.severity == policy::Problem::Severity::kError) errors.push_back(problem.ToString());
  }
  return Invalid(errors);
}

v1::PolicyRevision ToMessage(const storage::PolicyRevisionRecord& revision,
                             absl::string_view active) {
  v1::PolicyRevision message;
  message.set_revision(revision.revision);
  message.set_active(revision.revision == active);
  if (revision.activated_at.has_value()) {
    *message.mutable_activate_time() = ToTimestamp(*revision.activated_at);
  }
  message.set_actor_account_id(revision.actor_id.value());
  message.set_reason(revision.reason);
  message.set_diff_digest(revision.diff_digest);
  return message;
}

}  // namespace gatehouse::server
