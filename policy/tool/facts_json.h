// Facts as JSON, as people write them for the tool and as recorded decisions hold them.
//
//   {"now": "2026-11-21T12:00:00Z", "account.status": "ACTIVE", "account.leaver_at": null,
//    "actor.roles": ["LOCAL_ADMIN@riverside"], "account": {"locked": false}}
//
// Groups may be objects or dotted names. What is not given is unknown. Thread-safe.

#ifndef GATEHOUSE_POLICY_TOOL_FACTS_JSON_H_
#define GATEHOUSE_POLICY_TOOL_FACTS_JSON_H_

#include <string>
#include <vector>

#include "policy/facts.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {

// Every fault is added to `faults`: "account.locked: expected true or false".
Facts FactsFromJson(const nlohmann::json& json, std::vector<std::string>& faults);

}  // namespace gatehouse::policy::tool

#endif  // GATEHOUSE_POLICY_TOOL_FACTS_JSON_H_
