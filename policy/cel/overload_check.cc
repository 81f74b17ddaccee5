#include "policy/cel/overload_check.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/cel/overload.h"
#include "policy/cel/pattern.h"
#include "policy/cel/suggestion.h"
#include "policy/cel/time_text.h"

namespace gatehouse::policy::cel {
namespace {

// In the signature of an overload.
constexpr uint32_t kMostParameters = 2;

bool HasForm(const Overload& overload, const Node& call) {
  return overload.receiver == call.receiver && !overload.runtime_only;
}

// How many arguments fit, from the first; `parameter` is then what the next was expected to be.
// Merging works on the open parameter, not on what is known of it, so that a dyn argument opens it.
size_t CountFitting(const Overload& overload, const std::vector<Type>& arguments, uint32_t first,
                    Inference& inference, Type& parameter) {
  size_t fitting = 0;
  for (; fitting < arguments.size(); ++fitting) {
    const Type open = Inference::Instantiate(overload.parameters[fitting], first);
    parameter = inference.Resolve(open);
    if (!inference.Merge(open, arguments[fitting]).has_value()) break;
  }
  return fitting;
}

// The type of the result, with all that follows for open types.
std::optional<Type> Match(const Overload& overload, const std::vector<Type>& arguments,
                          Inference& inference) {
  if (overload.parameters.size() != arguments.size()) return std::nullopt;
  const uint32_t first = inference.FreshParameters(kMostParameters);
  Type parameter;
  if (CountFitting(overload, arguments, first, inference, parameter) < arguments.size()) {
    return std::nullopt;
  }
  return inference.Resolve(Inference::Instantiate(overload.result, first));
}

// The function exists, but not as x.f(), or not as f(), or not with as many arguments.
Complaint ExplainWrongForm(const Node& call, size_t arguments) {
  const absl::string_view name = FunctionName(call.function);
  const size_t receivers = call.receiver ? 1 : 0;
  std::vector<size_t> counts;
  for (const Overload& overload : OverloadsOf(call.function)) {
    if (HasForm(overload, call)) counts.push_back(overload.parameters.size() - receivers);
  }
  if (counts.empty()) {
    return {
        std::nullopt, absl::StrCat("'", name, "' cannot be called like this"),
        call.receiver ? absl::StrCat("write ", name, "(x)") : absl::StrCat("write x.", name, "()")};
  }
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return {std::nullopt,
          absl::StrCat("'", name, "' expected ", absl::StrJoin(counts, " or "),
                       counts.back() == 1 ? " argument" : " arguments", ", got ",
                       arguments - receivers),
          ""};
}

}  // namespace

std::optional<Type> ResolveOverload(const Node& call, const std::vector<Type>& arguments,
                                    Inference& inference) {
  const Inference::Mark before = inference.Save();
  const Overload* only = nullptr;
  std::vector<Type> results;
  for (const Overload& overload : OverloadsOf(call.function)) {
    if (!HasForm(overload, call)) continue;
    if (const std::optional<Type> result = Match(overload, arguments, inference)) {
      results.push_back(*result);
      only = &overload;
    }
    inference.Restore(before);
  }
  if (results.empty()) return std::nullopt;
  if (results.size() == 1) return Match(*only, arguments, inference);
  const bool agreed = std::all_of(results.begin(), results.end(),
                                  [&](const Type& result) { return result == results[0]; });
  return agreed ? results[0] : Type::Dyn();
}

// Blames the first argument that no overload takes which took the ones before it.
Complaint ExplainNoOverload(const Node& call, const std::vector<Type>& arguments,
                            Inference& inference) {
  const Inference::Mark before = inference.Save();
  std::vector<std::string> expected;
  size_t culprit = 0;
  for (const Overload& overload : OverloadsOf(call.function)) {
    if (!HasForm(overload, call) || overload.parameters.size() != arguments.size()) continue;
    const uint32_t first = inference.FreshParameters(kMostParameters);
    Type parameter;
    const size_t fitting = CountFitting(overload, arguments, first, inference, parameter);
    inference.Restore(before);
    if (fitting < culprit) continue;
    if (fitting > culprit) expected.clear();
    culprit = fitting;
    const std::string text = parameter.ToString();
    if (std::find(expected.begin(), expected.end(), text) == expected.end()) {
      expected.push_back(text);
    }
  }
  if (expected.empty()) return ExplainWrongForm(call, arguments.size());
  const bool absence = std::any_of(arguments.begin(), arguments.end(), [](const Type& argument) {
    return argument.is(Type::Kind::kNull);
  });
  return {
      culprit,
      absl::StrCat("'", FunctionName(call.function), "' expected ", absl::StrJoin(expected, " or "),
                   ", got ", arguments[culprit].ToString()),
      absence && IsComparison(call.function) ? "whether a fact is there is asked with has()" : ""};
}

Complaint ExplainUndeclaredFunction(const Node& call) {
  Suggestion suggestion(call.name);
  for (int i = 0; i <= static_cast<int>(Function::kGetSeconds); ++i) {
    suggestion.Offer(FunctionName(static_cast<Function>(i)));
  }
  return {std::nullopt, absl::StrCat("undeclared function '", call.name, "'"),
          suggestion.Question()};
}

std::optional<Complaint> FindBadConstant(Function function, absl::string_view text) {
  if (function == Function::kMatches) {
    const auto pattern = CompilePattern(text);
    if (pattern->ok()) return std::nullopt;
    return Complaint{0, absl::StrCat("expected a regular expression: ", pattern->error()), ""};
  }
  if (function == Function::kTimestamp) {
    if (std::holds_alternative<Value>(ParseTimestamp(text))) return std::nullopt;
    return Complaint{0, "expected an instant between the years 1 and 9999",
                     "such as '2024-01-31T12:00:00Z'"};
  }
  if (function == Function::kDuration) {
    if (std::holds_alternative<Value>(ParseDuration(text))) return std::nullopt;
    return Complaint{0, "expected a duration of at most about 292 years",
                     "such as '24h' or '1h30m'"};
  }
  if (function < Function::kGetDate || ParseTimeZone(text).has_value()) return std::nullopt;
  return Complaint{0, absl::StrCat("unknown time zone '", text, "'"),
                   "such as 'Europe/London' or '+01:00'"};
}

}  // namespace gatehouse::policy::cel
