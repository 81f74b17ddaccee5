#include <iostream>

#include "policy/policy_test_runner.h"
#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {
namespace {

using Json = nlohmann::ordered_json;

// Which way of a rule no test goes; empty if both are tried.
std::string Untried(const RuleCoverage& rule) {
  if (!rule.held && !rule.failed) return "is asked by no test";
  if (!rule.held) return "never holds";
  return rule.failed ? "" : "never fails";
}

void Print(const std::vector<TestResult>& results, const std::string& file) {
  size_t failed = 0;
  for (const TestResult& result : results) {
    if (result.passed) continue;
    ++failed;
    std::cout << Paint(Tone::kBad, "failed") << "  " << file << ":" << result.line << ": "
              << result.name << ", " << Action::Value_Name(result.action) << "\n        "
              << result.difference << "\n";
  }
  std::cout << results.size() - failed << " passed, " << failed << " failed\n";
}

void Print(const std::vector<RuleCoverage>& rules, const std::string& file) {
  size_t tried = 0;
  for (const RuleCoverage& rule : rules) {
    const std::string untried = Untried(rule);
    if (untried.empty()) {
      ++tried;
    } else {
      std::cout << file << ":" << rule.line << ": rule '" << rule.rule_id << "' " << untried
                << "\n";
    }
  }
  std::cout << tried << " of " << Count(rules.size(), "rule") << " tried both ways\n";
}

}  // namespace

int RunTest(const std::string& file, bool coverage, bool json) {
  int exit_code = kOk;
  const std::shared_ptr<const Policy> policy = LoadPolicy(file, exit_code);
  if (policy == nullptr) return exit_code;
  const std::vector<TestResult> results = policy->RunTests();
  for (const TestResult& result : results) {
    if (!result.passed) exit_code = kTestFailed;
  }
  const std::vector<RuleCoverage> rules =
      coverage ? MeasureCoverage(*policy) : std::vector<RuleCoverage>();
  if (!json) {
    Print(results, file);
    if (coverage) Print(rules, file);
    return exit_code;
  }
  Json answer = {{"passed", exit_code == kOk}, {"tests", Json::array()}};
  for (const TestResult& result : results) {
    answer["tests"].push_back({{"name", result.name},
                               {"action", Action::Value_Name(result.action)},
                               {"line", result.line},
                               {"passed", result.passed},
                               {"difference", result.difference}});
  }
  for (const RuleCoverage& rule : rules) {
    answer["coverage"].push_back(
        {{"rule_id", rule.rule_id}, {"held", rule.held}, {"failed", rule.failed}});
  }
  std::cout << answer.dump(2) << "\n";
  return exit_code;
}

}  // namespace gatehouse::policy::tool
