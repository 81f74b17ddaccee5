// Facts as JSON, as people write them for the tool and as recorded decisions hold them.
//
//   {"now": "2026-11-21T12:00:00Z", "account.status": "ACTIVE", "account.leaver_at": null,
//    "actor.roles": ["LOCAL_ADMIN@riverside"], "account": {"locked": false}}
//
// Groups may be objects or dotted names. What is not given is unknown. Thread-safe.

#ifndef GATEHOUSE_POLICY_JSON_FACTS_JSON_H_
#define GATEHOUSE_POLICY_JSON_FACTS_JSON_H_

#include <string>
#include <vector>

#include "policy/facts.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy {

// Every fault is added to `faults`: "account.locked: expected true or false".
Facts FactsFromJson(const nlohmann::json& json, std::vector<std::string>& faults);

// One fact as such JSON has it; null if it is absent or unknown.
nlohmann::ordered_json FactToJson(const FactInfo& info, const cel::Value& value);

// All facts that are known, by their dotted names: what FactsFromJson reads as the same facts.
nlohmann::ordered_json FactsToJson(const Facts& facts);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_JSON_FACTS_JSON_H_
