// A policy that was changed by its operators, completed with what a newer one declares beside it:
// how it follows a newer server without losing a change.
//
//   Upgrade upgrade = UpgradeText(stored, shipped, "nhsmail.textproto", NewRules::kLeaveOut);
//
// Nothing is changed or taken out: what is new goes behind the text, word by word as the newer one
// has it. Parameters and definitions are told by their names, and decide nothing unless a rule asks
// for them; so without rules the completed policy decides as the text did. Rules are told by their
// ids. One that the text lacks may be new, or may have been taken out on purpose, which no two
// texts can tell: it is added only where that is asked for, and named either way.
//
// Pure functions; thread-safe.

#ifndef GATEHOUSE_POLICY_UPGRADE_H_
#define GATEHOUSE_POLICY_UPGRADE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatehouse::policy {

enum class NewRules { kLeaveOut, kAdd };

struct Upgrade {
  std::string text;
  // In the order of the newer text: "parameters printed_codes_few", "permit export-audit".
  std::vector<std::string> added;
  std::vector<std::string> left_out;
};

// Whatever the texts are; what cannot be read of them counts as not there. `newer_name` is what the
// remark above the additions calls the newer one.
Upgrade UpgradeText(absl::string_view text, absl::string_view newer, absl::string_view newer_name,
                    NewRules new_rules);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_UPGRADE_H_
