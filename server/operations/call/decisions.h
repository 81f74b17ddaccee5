// The policy's answer as the API tells it. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_DECISIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_DECISIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "gatehouse/v1/decision.pb.h"
#include "policy/decision.h"
#include "policy/vocabulary.h"

namespace gatehouse::server {

v1::Decision ToMessage(const policy::Decision& decision);

// OK if it allows; else PERMISSION_DENIED / NOT_PERMITTED where no rule permits it, and otherwise
// FAILED_PRECONDITION with the Decision, a PreconditionFailure (one violation a rule), an ErrorInfo
// of the first rule's reason, and a RetryInfo where time alone is the way out. SESSION_INVALID,
// when it is a rule that says so, is UNAUTHENTICATED.
absl::Status ToStatus(const policy::Decision& decision, absl::Time now);

// A decision by itself, as a person reads it: every rule against it with the values that it saw and
// its ways out, a line each.
std::string Explain(policy::Action::Value action, const policy::Decision& decision);

// All reasons in rule order, without prefix; empty if it allows.
std::vector<std::string> ReasonNames(const policy::Decision& decision);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_DECISIONS_H_
