// The commands of gatehouse-policy. Each writes its answer to standard output, complaints to
// standard error, and returns an ExitCode (policy/tool/console.h).

#ifndef GATEHOUSE_POLICY_TOOL_COMMANDS_H_
#define GATEHOUSE_POLICY_TOOL_COMMANDS_H_

#include <string>
#include <vector>

namespace gatehouse::policy::tool {

// What is wrong with a policy's text.
int RunCheck(const std::string& file, bool json);

// The tests in a policy's text; with `coverage`, also which rules they leave untried.
int RunTest(const std::string& file, bool coverage, bool json);

// One decision as a person reads it. `facts` is a JSON file; `at` (RFC 3339) replaces its `now`.
int RunExplain(const std::string& file, const std::string& action, const std::string& facts,
               const std::string& at, bool json);

// One expression's value as JSON; bindings are "NAME=JSON", as in the conformance data.
int RunEval(const std::string& expression, const std::vector<std::string>& bindings);

struct DiffOptions {
  std::string before;
  std::string after;
  std::string examples;  // a folder to write each example's facts to, for explain; empty: none
  bool all = false;      // also every case that is refused alike and only told otherwise
  bool json = false;
};

// Exactly which cases two policies decide differently.
int RunDiff(const DiffOptions& options);

// Recorded decisions (JSON lines: action, facts, decision) under another policy.
int RunReplay(const std::string& file, const std::string& decisions, bool json);

struct MatrixOptions {
  std::string file;
  std::string state;  // of the account; empty: any
  bool html = false;
  bool json = false;
};

// Who may do what: as a table, as JSON, or as a page to look at.
int RunMatrix(const MatrixOptions& options);

struct UpgradeOptions {
  std::string file;
  std::string newer;   // the rules that came with a newer server
  bool rules = false;  // add those that the file lacks, too
  bool json = false;
};

// The policy completed with what the newer one declares beside it: its text on standard output, and
// what was added on standard error.
int RunUpgrade(const UpgradeOptions& options);

}  // namespace gatehouse::policy::tool

#endif  // GATEHOUSE_POLICY_TOOL_COMMANDS_H_
