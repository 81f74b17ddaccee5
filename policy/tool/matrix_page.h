// The page that shows a policy as a table of actions and roles.
//
// One file that needs nothing else: styles, script and data are within it. Pure; thread-safe.

#ifndef GATEHOUSE_POLICY_TOOL_MATRIX_PAGE_H_
#define GATEHOUSE_POLICY_TOOL_MATRIX_PAGE_H_

#include <string>

#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {

// `matrix` as `gatehouse-policy matrix --json` prints it.
std::string MatrixPage(const nlohmann::ordered_json& matrix);

}  // namespace gatehouse::policy::tool

#endif  // GATEHOUSE_POLICY_TOOL_MATRIX_PAGE_H_
