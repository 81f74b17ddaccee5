#include "server/operations/call/refusal_runs.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "server/operations/call/audit_trail.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status AuditRefusal(storage::Transaction& transaction, const policy::Policy& policy,
                          storage::AuditRecord audit) {
  const std::string cause = audit.details[kRefusalCause];
  GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<storage::RefusalRunRecord> runs,
                             transaction.ListRefusalRuns(audit.target_id));
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const auto& run) {
    return run.action == audit.action && run.cause == cause;
  });
  storage::RefusalRunRecord run{.account_id = audit.target_id,
                                .action = audit.action,
                                .cause = cause,
                                .began_at = audit.time};
  bool is_counted_only = false;
  if (found != runs.end()) {
    const absl::Duration age = audit.time - found->began_at;
    is_counted_only =
        age >= absl::ZeroDuration() && age < policy.Duration(policy::Parameter::kSourceWindow);
    if (is_counted_only) {
      run = *found;
      ++run.further;
    } else if (found->further > 0) {
      audit.details[kRefusalFurther] = absl::StrCat(found->further);
    }
  }
  run.last_at = audit.time;
  const auto source = audit.details.find(kRefusalSource);
  if (source != audit.details.end()) run.source = source->second;
  GATEHOUSE_RETURN_IF_ERROR(transaction.PutRefusalRun(run));
  return is_counted_only ? absl::OkStatus() : AppendAudit(transaction, std::move(audit));
}

}  // namespace gatehouse::server
