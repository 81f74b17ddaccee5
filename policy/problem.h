// What is wrong with a policy's text, and where: said so that it can be mended without a manual.
//
// Plain data. Lines and columns count from 1; columns in code points.

#ifndef GATEHOUSE_POLICY_PROBLEM_H_
#define GATEHOUSE_POLICY_PROBLEM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::policy {

struct Problem {
  enum class Severity { kError, kWarning };

  Severity severity = Severity::kError;
  std::string file_name;
  uint32_t line = 1;
  uint32_t column = 1;
  uint32_t width = 1;      // code points that the mark covers
  std::string message;     // "unknown fact 'account.aup_acepted'"
  std::string suggestion;  // "did you mean account.aup_accepted?"; may be empty
  std::string excerpt;     // the line of the text; may be empty

  // "file:88:18: error: message", and below it the excerpt, a mark under the place and the
  // suggestion.
  std::string ToString() const;
};

bool HasErrors(absl::Span<const Problem> problems);

// All of them, and a last line that counts: "1 error, 1 warning".
std::string Render(absl::Span<const Problem> problems);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_PROBLEM_H_
