// Recorded decisions, one JSON object a line:
//
//   {"action": "SIGN_IN", "facts": {"now": "2026-11-21T12:00:00Z", "account.locked": true},
//    "decision": {"allowed": false, "violations": [{"reason": "ACCOUNT_LOCKED"}]}}
//
// Facts as facts_json.h has them, the decision with the names of the API's message. Thread-safe.

#ifndef GATEHOUSE_POLICY_TOOL_RECORDED_JSON_H_
#define GATEHOUSE_POLICY_TOOL_RECORDED_JSON_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/decision.h"
#include "policy/facts.h"

namespace gatehouse::policy::tool {

struct Recorded {
  Action::Value action = Action::UNSPECIFIED;
  Facts facts;
  // Whether it was allowed, the obligations, and the reasons of the violations.
  Decision decision;
};

// Any line at all is read; every fault is added to `faults`: "decision.obligations: no such word
// as".
Recorded ReadRecorded(absl::string_view line, std::vector<std::string>& faults);

}  // namespace gatehouse::policy::tool

#endif  // GATEHOUSE_POLICY_TOOL_RECORDED_JSON_H_
