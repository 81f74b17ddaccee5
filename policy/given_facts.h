// Facts as people write them: in a policy's own tests, and in files for the tool.
//
// "account.locked = true" gives a fact the value of an expression over parameters and `now`, which
// itself is given first. "account.leaver_at = null" makes an optional instant absent, and
// "account.status = unknown" takes a fact away. Roles are texts, the organisation behind an @:
// "actor.roles = ['LOCAL_ADMIN@riverside', 'OPERATOR']".

#ifndef GATEHOUSE_POLICY_GIVEN_FACTS_H_
#define GATEHOUSE_POLICY_GIVEN_FACTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "policy/cel/value.h"
#include "policy/expression_compiler.h"
#include "policy/facts.h"
#include "policy/policy_source.h"
#include "policy/rule_set.h"

namespace gatehouse::policy {

// Compiles the fixtures and tests of a policy's text into `rules`; faults are reported to `source`.
void CompileTests(PolicySource& source, ExpressionCompiler& expressions, RuleSet& rules);

// The facts that a test gives. An expression that fails leaves its fact unknown.
Facts FactsOf(const PolicyTest& test);

// What an expression that gives a fact must be: of its own type, but texts for roles.
cel::Type GivenTypeOf(const FactInfo& fact);

// Sets roles from texts such as "LOCAL_ADMIN@riverside". INVALID_ARGUMENT for an unknown role; then
// the fact is unchanged.
absl::Status SetRoles(Fact fact, const std::vector<std::string>& texts, Facts& facts);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_GIVEN_FACTS_H_
