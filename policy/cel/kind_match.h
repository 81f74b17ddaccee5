// Values against types, one level deep.
#ifndef GATEHOUSE_POLICY_CEL_KIND_MATCH_H_
#define GATEHOUSE_POLICY_CEL_KIND_MATCH_H_

#include "policy/cel/type.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

// Whether the value is of the type's kind, whatever lies within; dyn and open types take anything.
bool MatchesKind(const Type& type, const Value& value);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_KIND_MATCH_H_
