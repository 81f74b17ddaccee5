#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"

#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include "policy/upgrade.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {
namespace {

// Beside the text, which goes to where it is kept.
void Tell(const Upgrade& upgrade, const CompileResult& compiled, const std::string& newer) {
  for (const std::string& name : upgrade.added) std::cerr << "added     " << name << "\n";
  for (const std::string& name : upgrade.left_out) std::cerr << "not added " << name << "\n";
  std::cerr << Render(compiled.problems);
  if (!upgrade.left_out.empty()) {
    std::cerr << Count(upgrade.left_out.size(), "rule") << " of " << newer
              << " not added: new, or taken out here on purpose; --rules adds them all, and diff "
                 "tells what that changes\n";
  }
}

}  // namespace

int RunUpgrade(const UpgradeOptions& options) {
  int exit_code = kOk;
  const std::shared_ptr<const Policy> newer = LoadPolicy(options.newer, exit_code);
  if (newer == nullptr) return exit_code;
  const absl::StatusOr<std::string> text = ReadFile(options.file);
  if (!text.ok()) {
    std::cerr << text.status().message() << "\n";
    return kUsage;
  }
  const Upgrade upgrade = UpgradeText(*text, newer->text(), options.newer,
                                      options.rules ? NewRules::kAdd : NewRules::kLeaveOut);
  const CompileResult compiled = Policy::Compile(upgrade.text, options.file);
  if (options.json) {
    std::cout << nlohmann::ordered_json{{"text", upgrade.text},
                                        {"added", upgrade.added},
                                        {"left_out", upgrade.left_out},
                                        {"valid", compiled.policy != nullptr}}
                     .dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
              << "\n";
  } else {
    std::cout << upgrade.text;
    Tell(upgrade, compiled, options.newer);
  }
  return compiled.policy == nullptr ? kBadPolicy : kOk;
}

}  // namespace gatehouse::policy::tool
