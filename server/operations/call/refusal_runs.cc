#include "server/operations/call/refusal_runs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "server/operations/call/audit_trail.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

namespace {

using storage::RefusalRunRecord;

// The run that `audit` would go on with: alike ones of the same account so far, or one long over.
absl::StatusOr<RefusalRunRecord> RunSoFar(storage::Transaction& transaction,
                                          const storage::AuditRecord& audit) {
  const auto cause = audit.details.find(kRefusalCause);
  RefusalRunRecord run{.account_id = audit.target_id,
                       .action = audit.action,
                       .cause = cause == audit.details.end() ? "" : cause->second,
                       .began_at = absl::InfinitePast(),
                       .last_at = absl::InfinitePast()};
  GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<RefusalRunRecord> runs,
                             transaction.ListRefusalRuns(audit.target_id));
  const auto found = std::ranges::find_if(runs, [&](const RefusalRunRecord& one) {
    return one.action == run.action && one.cause == run.cause;
  });
  return found == runs.end() ? run : *found;
}

absl::Status Put(storage::Transaction& transaction, RefusalRunRecord run,
                 const storage::AuditRecord& latest) {
  run.last_at = latest.time;
  const auto source = latest.details.find(kRefusalSource);
  if (source != latest.details.end()) run.source = source->second;
  return transaction.PutRefusalRun(run);
}

bool IsWithinWindow(absl::Time earlier, absl::Time time, const policy::Policy& policy) {
  const absl::Duration age = time - earlier;
  return age >= absl::ZeroDuration() && age < policy.Duration(policy::Parameter::kSourceWindow);
}

}  // namespace

absl::Status AuditRefusal(storage::Transaction& transaction, const policy::Policy& policy,
                          storage::AuditRecord audit) {
  GATEHOUSE_ASSIGN_OR_RETURN(RefusalRunRecord run, RunSoFar(transaction, audit));
  if (IsWithinWindow(run.began_at, audit.time, policy)) {
    ++run.further;
    return Put(transaction, std::move(run), audit);
  }
  if (run.further > 0) audit.details[kRefusalFurther] = absl::StrCat(run.further);
  run.further = 0;
  run.began_at = audit.time;
  GATEHOUSE_RETURN_IF_ERROR(Put(transaction, std::move(run), audit));
  return AppendAudit(transaction, std::move(audit));
}

absl::Status CountRefusal(storage::Transaction& transaction, const policy::Policy& policy,
                          const storage::AuditRecord& audit) {
  GATEHOUSE_ASSIGN_OR_RETURN(RefusalRunRecord run, RunSoFar(transaction, audit));
  if (!IsWithinWindow(run.last_at, audit.time, policy)) {
    run.further = 0;
    run.began_at = audit.time;
  }
  ++run.further;
  return Put(transaction, std::move(run), audit);
}

}  // namespace gatehouse::server
