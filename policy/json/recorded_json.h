// Recorded decisions, one JSON object a line:
//
//   {"action": "SIGN_IN", "facts": {"now": "2026-11-21T12:00:00Z", "account.locked": true},
//    "decision": {"allowed": false, "violations": [{"reason": "ACCOUNT_LOCKED"}]}}
//
// Facts as facts_json.h has them, the decision with the names of the API's message. What a server
// writes (--decision_log), `gatehouse-policy replay` reads. Thread-safe.

#ifndef GATEHOUSE_POLICY_JSON_RECORDED_JSON_H_
#define GATEHOUSE_POLICY_JSON_RECORDED_JSON_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/decision.h"
#include "policy/facts.h"

namespace gatehouse::policy {

struct Recorded {
  Action::Value action = Action::UNSPECIFIED;
  Facts facts;
  // Whether it was allowed, the obligations, and the reasons of the violations.
  Decision decision;
};

// Any line at all is read; every fault is added to `faults`: "decision.obligations: no such word
// as".
Recorded ReadRecorded(absl::string_view line, std::vector<std::string>& faults);

// Such a line, its end included, of a decision on facts that Normalise made. Its texts and observed
// values, which quote facts, are left out.
std::string WriteRecorded(Action::Value action, const Facts& facts, const Decision& decision);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_JSON_RECORDED_JSON_H_
