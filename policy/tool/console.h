// What the commands of gatehouse-policy share: exit codes, colours, and reading files.
//
// Colours are used on a terminal only, and not where NO_COLOR is set. One thread.

#ifndef GATEHOUSE_POLICY_TOOL_CONSOLE_H_
#define GATEHOUSE_POLICY_TOOL_CONSOLE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "policy/policy.h"

namespace gatehouse::policy::tool {

// Each outcome that a script may want to tell apart has a code of its own.
enum ExitCode : int {
  kOk = 0,
  kUsage = 1,  // a wrong command line, a file that cannot be read, facts that cannot be understood
  kBadPolicy = 2,   // the policy's text has errors
  kTestFailed = 3,  // the policy is sound, but not as its tests want it
  kRefused = 4,     // explain: the action is refused
  kDiffers = 5,     // diff, replay: some decisions change
  kWidens = 6,      // diff: some of them from refused to allowed
  kEvalError = 7,   // eval: the expression is wrong, or fails
};

enum class Tone { kPlain, kGood, kBad, kQuiet };

// The text in the tone's colour, where there are colours.
std::string Paint(Tone tone, absl::string_view text);

absl::StatusOr<std::string> ReadFile(const std::string& path);

// The policy in a file. Null, with the problems written to standard error and `exit_code` set, if
// there is none.
std::shared_ptr<const Policy> LoadPolicy(const std::string& path, int& exit_code);

// "1 rule", "2 rules".
std::string Count(size_t count, absl::string_view noun);

}  // namespace gatehouse::policy::tool

#endif  // GATEHOUSE_POLICY_TOOL_CONSOLE_H_
