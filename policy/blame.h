// Which parts of a condition made it come out as it did.

#ifndef GATEHOUSE_POLICY_BLAME_H_
#define GATEHOUSE_POLICY_BLAME_H_

#include <string>
#include <utility>
#include <vector>

#include "policy/cel/program.h"
#include "policy/rule_set.h"

namespace gatehouse::policy {

// The smallest sub-expressions that made `condition` come out as `verdict`, each with the facts and
// parameters in it, as written, and their values. Values that would tell something about a secret
// are left out. Pure; thread-safe.
std::vector<std::pair<std::string, std::string>> Blame(const Condition& condition, bool verdict,
                                                       Slots slots, cel::Arena& arena);

// The facts that could not be had and without which the condition cannot be told.
std::vector<Fact> MissingFacts(const Condition& condition, Slots slots);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_BLAME_H_
