// What rules and decisions answer, put so that two answers can be compared and told in a line.
//
// Pure functions; thread-safe.

#ifndef GATEHOUSE_POLICY_ANALYSIS_ANSWERS_H_
#define GATEHOUSE_POLICY_ANALYSIS_ANSWERS_H_

#include <string>

#include "policy/decision.h"
#include "policy/rule_set.h"

namespace gatehouse::policy::analysis {

// Equal for rules that refuse with the same words, reason and ways out; not the conditions of ways.
std::string AnswerOf(const RequireRule& rule);

// Whether the decisions differ in nothing that is told to people: the obligations; or the reasons,
// words and ways out, in their order. When waiting helps is not compared.
bool AnswerAlike(const Decision& a, const Decision& b);

// "allowed", "allowed (CHANGE_PASSWORD)", "refused (ACCOUNT_LOCKED, RANK_TOO_LOW)", "not
// permitted".
std::string InShort(const Decision& decision);

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_ANSWERS_H_
