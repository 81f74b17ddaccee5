#include <iostream>
#include <utility>

#include "policy/analysis/idle_rules.h"
#include "policy/rule_set.h"
#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const Problem& problem) {
  const bool is_error = problem.severity == Problem::Severity::kError;
  Json json = {{"severity", is_error ? "error" : "warning"},
               {"file", problem.file_name},
               {"line", problem.line},
               {"column", problem.column},
               {"message", problem.message}};
  if (!problem.suggestion.empty()) json["suggestion"] = problem.suggestion;
  return json;
}

}  // namespace

int RunCheck(const std::string& file, bool json) {
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) {
    std::cerr << text.status().message() << "\n";
    return kUsage;
  }
  CompileResult result = Policy::Compile(*text, file);
  if (result.policy != nullptr) {
    for (Problem& problem : analysis::FindIdleRules(*result.policy, file)) {
      result.problems.push_back(std::move(problem));
    }
  }
  const int exit_code = result.policy == nullptr ? kBadPolicy : kOk;
  if (json) {
    Json problems = Json::array();
    for (const Problem& problem : result.problems) problems.push_back(ToJson(problem));
    Json answer = {{"valid", exit_code == kOk}, {"problems", std::move(problems)}};
    if (result.policy != nullptr) {
      answer["policy_revision"] = result.policy->revision().ToString();
    }
    std::cout << answer.dump(2) << "\n";
    return exit_code;
  }
  std::cout << Render(result.problems);
  if (result.policy == nullptr) return exit_code;
  const RuleSet& rules = result.policy->rules();
  std::cout << Paint(Tone::kGood, "sound") << ": policy " << rules.name << ", "
            << Count(rules.permits.size(), "permit") << ", "
            << Count(rules.requires_.size(), "requirement") << ", "
            << Count(rules.obliges.size(), "obligation") << ", "
            << Count(rules.tests.size(), "test") << ", revision "
            << result.policy->revision().ToString() << "\n";
  return exit_code;
}

}  // namespace gatehouse::policy::tool
