// Why a decision refuses, and from when it would not: the part of Decide that only refusals pay
// for.
//
// Pure functions of immutable rules and facts; thread-safe.

#ifndef GATEHOUSE_POLICY_EXPLAIN_H_
#define GATEHOUSE_POLICY_EXPLAIN_H_

#include <string>

#include "policy/cel/type.h"
#include "policy/cel/value.h"
#include "policy/decision.h"
#include "policy/rule_set.h"
#include "policy/vocabulary.h"

namespace gatehouse::policy {

// The full answer for an action that RuleSet::Judge does not allow.
Decision ExplainRefusal(const RuleSet& rules, Action::Value action, Slots slots);

// A value as a person reads it in a sentence: 2026-11-21T08:00:00Z, 24h, true, riverside.
std::string PlainText(const cel::Value& value, const cel::Type& type);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_EXPLAIN_H_
