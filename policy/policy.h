// One compiled rule set: facts in, decision out.
//
//   CompileResult compiled = Policy::Compile(text, "nhsmail.textproto");
//   if (compiled.policy == nullptr) return Report(compiled.problems);
//   Decision decision = compiled.policy->Decide(Action::RESECURE_ACCOUNT, facts);
//   absl::Duration lifetime = compiled.policy->Duration(Parameter::kSessionFullLifetime);
//
// A Policy is immutable and thread-safe; hold it by shared_ptr for as long as one decision or one
// operation takes, so that an operation sees one revision throughout. It reads no clock (`now` is a
// fact), does no I/O and takes no locks. Default is deny: no rule, no facts, an unknown action or
// an expression that fails never allow anything.

#ifndef GATEHOUSE_POLICY_POLICY_H_
#define GATEHOUSE_POLICY_POLICY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "policy/decision.h"
#include "policy/facts.h"
#include "policy/parameters.h"
#include "policy/problem.h"
#include "policy/vocabulary.h"

namespace gatehouse::policy {

class Policy;
class RuleSet;

struct CompileResult {
  // Null if there is any error among the problems.
  std::shared_ptr<const Policy> policy;
  // Errors, and warnings about rules that do nothing; all of them, in the order of the text.
  std::vector<Problem> problems;
};

// What became of one test of a policy's own.
struct TestResult {
  std::string name;
  Action::Value action = Action::UNSPECIFIED;
  bool passed = false;
  std::string difference;  // "expected refused [ACCOUNT_LOCKED], got allowed"; empty if passed
  uint32_t line = 0;       // of the test in the policy's text
};

class Policy {
 public:
  // Text (a textproto of gatehouse.policy.v1.Policy) to a policy, or to every error in it. The file
  // name only appears in problems. Any bytes are answered, in bounded time. Does not run the
  // policy's tests.
  static CompileResult Compile(absl::string_view text, absl::string_view file_name);

  ~Policy();

  // The full answer. For what is allowed it costs what Allows costs.
  Decision Decide(Action::Value action, const Facts& facts) const;

  // Decide(action, facts).allowed, and nothing but that.
  bool Allows(Action::Value action, const Facts& facts) const;

  // Whether any rule about the action speaks of the fact, by its conditions or in what it tells. A
  // fact that none does changes no decision, and need not be known.
  bool AsksFor(Action::Value action, Fact fact) const;

  // Values that operations need; the parameter must be of the type asked for.
  int64_t Int(Parameter parameter) const;
  absl::Duration Duration(Parameter parameter) const;

  // Runs the tests that stand in the policy's text, one result a test and action.
  std::vector<TestResult> RunTests() const;

  const Revision& revision() const;
  // "nhsmail".
  absl::string_view name() const;
  // The text that it was compiled from.
  absl::string_view text() const;

  // What it consists of, for explanation and analysis within policy/.
  const RuleSet& rules() const { return *rules_; }

 private:
  explicit Policy(std::unique_ptr<const RuleSet> rules);

  std::unique_ptr<const RuleSet> rules_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_POLICY_H_
