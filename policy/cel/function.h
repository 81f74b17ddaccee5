// The functions of the language, operators among them: a closed set, so that a walk over an
// expression can switch on it instead of comparing names.
#ifndef GATEHOUSE_POLICY_CEL_FUNCTION_H_
#define GATEHOUSE_POLICY_CEL_FUNCTION_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace gatehouse::policy::cel {

enum class Function : uint8_t {
  kUndeclared,  // a call by a name that the language does not have
  kAnd,         // of two or more operands: a && b && c is one call
  kOr,          // likewise
  kNot,
  kConditional,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kNegate,
  kIndex,
  kSize,
  kContains,
  kStartsWith,
  kEndsWith,
  kMatches,
  kBool,
  kBytes,
  kDouble,
  kDuration,
  kDyn,
  kInt,
  kString,
  kTimestamp,
  kType,
  kUint,
  kGetDate,
  kGetDayOfMonth,
  kGetDayOfWeek,
  kGetDayOfYear,
  kGetFullYear,
  kGetHours,
  kGetMilliseconds,
  kGetMinutes,
  kGetMonth,
  kGetSeconds,
};

// As it is written: "&&", "[]", "startsWith".
absl::string_view FunctionName(Function function);

// The function called by this name ("size"), kUndeclared if there is none. Operators have no name
// to be called by.
Function FindFunction(absl::string_view name);

// ==, !=, <, <=, >, >=.
bool IsComparison(Function function);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_FUNCTION_H_
