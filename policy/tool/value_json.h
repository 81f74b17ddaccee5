// Values of the expression language as JSON, in the form of the conformance data: {"int": "3"},
// {"string": "a"}, {"list": [...]}, {"map": [[key, value], ...]}; and beside it {"timestamp":
// "..."} and {"duration": "..."}.

#ifndef GATEHOUSE_POLICY_TOOL_VALUE_JSON_H_
#define GATEHOUSE_POLICY_TOOL_VALUE_JSON_H_

#include "absl/status/statusor.h"

#include "policy/cel/arena.h"
#include "policy/cel/value.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {

nlohmann::ordered_json ValueToJson(const cel::Value& value);

// Plain JSON (3, "a", true, null, [1], {"a": 1}) is understood too: whole numbers are ints. The
// value lives in `arena`. INVALID_ARGUMENT if it is no value.
absl::StatusOr<cel::Value> ValueFromJson(const nlohmann::json& json, cel::Arena& arena);

}  // namespace gatehouse::policy::tool

#endif  // GATEHOUSE_POLICY_TOOL_VALUE_JSON_H_
