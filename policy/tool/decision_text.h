// A decision as a person reads it, and as JSON with the names of the API's Decision message.

#ifndef GATEHOUSE_POLICY_TOOL_DECISION_TEXT_H_
#define GATEHOUSE_POLICY_TOOL_DECISION_TEXT_H_

#include <string>
#include <vector>

#include "policy/decision.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {

std::string ToText(Action::Value action, const Decision& decision);
nlohmann::ordered_json ToJson(const Decision& decision);

}  // namespace gatehouse::policy::tool

#endif  // GATEHOUSE_POLICY_TOOL_DECISION_TEXT_H_
