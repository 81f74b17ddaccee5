// Regular expressions of the language: RE2's syntax, time linear in the text, bounded memory.
#ifndef GATEHOUSE_POLICY_CEL_PATTERN_H_
#define GATEHOUSE_POLICY_CEL_PATTERN_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "re2/re2.h"

namespace gatehouse::policy::cel {

// Never null; ok() tells whether the pattern is one. Thread-safe, as its result is.
std::unique_ptr<const RE2> CompilePattern(absl::string_view pattern);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_PATTERN_H_
