#include "policy/problem.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gatehouse::policy {

std::string Problem::ToString() const {
  const bool is_error = severity == Severity::kError;
  std::string text = absl::StrFormat("%s:%d:%d: %s: %s", file_name, line, column,
                                     is_error ? "error" : "warning", message);
  if (excerpt.empty()) {
    if (!suggestion.empty()) absl::StrAppend(&text, "; ", suggestion);
    return text;
  }
  absl::StrAppendFormat(&text, "\n%5d | %s\n      | %s%s", line, excerpt,
                        std::string(column - 1, ' '), "^");
  text.append(width > 1 ? width - 1 : 0, '~');
  if (!suggestion.empty()) absl::StrAppend(&text, " ", suggestion);
  return text;
}

bool HasErrors(absl::Span<const Problem> problems) {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Problem::Severity::kError;
  });
}

std::string Render(absl::Span<const Problem> problems) {
  std::string text;
  size_t errors = 0;
  for (const Problem& problem : problems) {
    absl::StrAppend(&text, problem.ToString(), "\n");
    if (problem.severity == Problem::Severity::kError) ++errors;
  }
  const size_t warnings = problems.size() - errors;
  const auto counted = [](size_t count, absl::string_view noun) {
    return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
  };
  if (errors > 0) absl::StrAppend(&text, counted(errors, "error"));
  if (errors > 0 && warnings > 0) absl::StrAppend(&text, ", ");
  if (warnings > 0) absl::StrAppend(&text, counted(warnings, "warning"));
  if (!problems.empty()) absl::StrAppend(&text, "\n");
  return text;
}

}  // namespace gatehouse::policy
