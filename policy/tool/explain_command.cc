#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

#include "policy/json/facts_json.h"
#include "policy/near_name.h"
#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include "policy/tool/decision_text.h"

namespace gatehouse::policy::tool {
namespace {

// UNSPECIFIED, with a complaint, if there is no such action.
Action::Value ActionNamed(absl::string_view name) {
  absl::ConsumePrefix(&name, "ACTION_");
  Action::Value action = Action::UNSPECIFIED;
  if (Action::Value_Parse(std::string(name), &action)) return action;
  std::vector<std::string> names;
  for (int i = 1; i < Action::Value_descriptor()->value_count(); ++i) {
    names.push_back(Action::Value_descriptor()->value(i)->name());
  }
  std::cerr << "unknown action '" << name << "' " << SuggestName(name, names) << "\n";
  return Action::UNSPECIFIED;
}

// False, with every fault told, if the file does not hold facts.
bool LoadFacts(const std::string& path, Facts& facts) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    std::cerr << text.status().message() << "\n";
    return false;
  }
  const nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
  if (json.is_discarded()) {
    std::cerr << path << ": not JSON\n";
    return false;
  }
  std::vector<std::string> faults;
  facts = FactsFromJson(json, faults);
  for (const std::string& fault : faults) std::cerr << path << ": " << fault << "\n";
  return faults.empty();
}

}  // namespace

int RunExplain(const std::string& file, const std::string& action, const std::string& facts_file,
               const std::string& at, bool json) {
  int exit_code = kOk;
  const std::shared_ptr<const Policy> policy = LoadPolicy(file, exit_code);
  if (policy == nullptr) return exit_code;
  const Action::Value asked = ActionNamed(absl::AsciiStrToUpper(action));
  Facts facts;
  if (asked == Action::UNSPECIFIED || !LoadFacts(facts_file, facts)) return kUsage;
  if (!at.empty()) {
    absl::Time instant;
    if (!absl::ParseTime(absl::RFC3339_full, at, &instant, nullptr)) {
      std::cerr << "--at: expected an instant such as 2026-11-21T12:00:00Z\n";
      return kUsage;
    }
    facts.Set(Fact::kNow, instant);
  }
  const Decision decision = policy->Decide(asked, facts);
  std::cout << (json ? ToJson(decision).dump(2) + "\n" : ToText(asked, decision));
  return decision.allowed ? kOk : kRefused;
}

}  // namespace gatehouse::policy::tool
