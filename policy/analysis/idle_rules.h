// Rules that can never matter, whatever the facts are: found by the analysis that diff rests on.
//
// A permit is idle if it never holds, or only where others permit as well; a requirement if nobody
// who is permitted can violate it; an obligation if it never applies to what is allowed. A rule is
// told only if it is idle for each of its actions, and never in doubt; nor if a parameter that is
// true or false switches it. Pure; thread-safe; its work
// is bounded as that of a diff.

#ifndef GATEHOUSE_POLICY_ANALYSIS_IDLE_RULES_H_
#define GATEHOUSE_POLICY_ANALYSIS_IDLE_RULES_H_

#include <vector>

#include "absl/strings/string_view.h"

#include "policy/policy.h"
#include "policy/problem.h"

namespace gatehouse::policy::analysis {

// One warning a rule, in the order of the text.
std::vector<Problem> FindIdleRules(const Policy& policy, absl::string_view file_name);

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_IDLE_RULES_H_
