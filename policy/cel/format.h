// Values as text for people: what observed values in explanations and error messages look like.
#ifndef GATEHOUSE_POLICY_CEL_FORMAT_H_
#define GATEHOUSE_POLICY_CEL_FORMAT_H_

#include <string>

#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

// As an expression would write it: 'text', 42, 7u, 1.5, [1, 2], {'a': 1}, LOCAL_ADMIN,
// timestamp('2024-01-31T12:00:00Z'), duration('24h'). Records as Role{role: LOCAL_ADMIN, ...};
// failures in words: "unknown", "error: division by zero".
std::string Format(const Value& value, const Type& type);

// The same where the type is not at hand: enums are numbers, fields of records have no names.
std::string Format(const Value& value);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_FORMAT_H_
