#include "policy/cel/function.h"

#include <algorithm>
#include <iterator>

namespace gatehouse::policy::cel {
namespace {

struct Named {
  Function function;
  absl::string_view name;
};

// Called by name.
constexpr Named kNamed[] = {
    {Function::kSize, "size"},
    {Function::kContains, "contains"},
    {Function::kStartsWith, "startsWith"},
    {Function::kEndsWith, "endsWith"},
    {Function::kMatches, "matches"},
    {Function::kBool, "bool"},
    {Function::kBytes, "bytes"},
    {Function::kDouble, "double"},
    {Function::kDuration, "duration"},
    {Function::kDyn, "dyn"},
    {Function::kInt, "int"},
    {Function::kString, "string"},
    {Function::kTimestamp, "timestamp"},
    {Function::kType, "type"},
    {Function::kUint, "uint"},
    {Function::kGetDate, "getDate"},
    {Function::kGetDayOfMonth, "getDayOfMonth"},
    {Function::kGetDayOfWeek, "getDayOfWeek"},
    {Function::kGetDayOfYear, "getDayOfYear"},
    {Function::kGetFullYear, "getFullYear"},
    {Function::kGetHours, "getHours"},
    {Function::kGetMilliseconds, "getMilliseconds"},
    {Function::kGetMinutes, "getMinutes"},
    {Function::kGetMonth, "getMonth"},
    {Function::kGetSeconds, "getSeconds"},
};

constexpr Named kOperators[] = {
    {Function::kUndeclared, "undeclared"},
    {Function::kAnd, "&&"},
    {Function::kOr, "||"},
    {Function::kNot, "!"},
    {Function::kConditional, "?:"},
    {Function::kEqual, "=="},
    {Function::kNotEqual, "!="},
    {Function::kLess, "<"},
    {Function::kLessOrEqual, "<="},
    {Function::kGreater, ">"},
    {Function::kGreaterOrEqual, ">="},
    {Function::kIn, "in"},
    {Function::kAdd, "+"},
    {Function::kSubtract, "-"},
    {Function::kMultiply, "*"},
    {Function::kDivide, "/"},
    {Function::kModulo, "%"},
    {Function::kNegate, "-"},
    {Function::kIndex, "[]"},
};

}  // namespace

absl::string_view FunctionName(Function function) {
  const auto is_it = [function](const Named& named) { return named.function == function; };
  const auto* named = std::find_if(std::begin(kNamed), std::end(kNamed), is_it);
  if (named != std::end(kNamed)) return named->name;
  return std::find_if(std::begin(kOperators), std::end(kOperators), is_it)->name;
}

Function FindFunction(absl::string_view name) {
  const auto* named = std::find_if(std::begin(kNamed), std::end(kNamed),
                                   [name](const Named& each) { return each.name == name; });
  return named == std::end(kNamed) ? Function::kUndeclared : named->function;
}

bool IsComparison(Function function) {
  return function >= Function::kEqual && function <= Function::kGreaterOrEqual;
}

}  // namespace gatehouse::policy::cel
