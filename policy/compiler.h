// A policy's text to its rules.

#ifndef GATEHOUSE_POLICY_COMPILER_H_
#define GATEHOUSE_POLICY_COMPILER_H_

#include <memory>

#include "policy/policy_source.h"
#include "policy/rule_set.h"

namespace gatehouse::policy {

// Null, with every error in it reported to `source`, which has been read, if the text is no policy.
// Warnings about rules without effect are reported too. Pure; one thread.
std::unique_ptr<const RuleSet> CompileRules(PolicySource& source);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_COMPILER_H_
