#include "tests/harness/shipped_policy.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "re2/re2.h"

#include "tests/harness/child_process.h"
#include "tests/harness/fatal.h"

namespace gatehouse::harness {

std::string PolicyWithCheapHashing() {
  std::string text = ReadFile(GATEHOUSE_SOURCE_DIR "/policy/rules/nhsmail.textproto");
  const int replaced = absl::StrReplaceAll(
      {{R"("argon2_memory_kib" value: "19456")", R"("argon2_memory_kib" value: "64")"},
       {R"("argon2_iterations" value: "2")", R"("argon2_iterations" value: "1")"}},
      &text);
  if (replaced != 2) Fatal("the shipped rules name another cost of Argon2");
  return text;
}

std::string PolicyWhere(absl::string_view parameter, absl::string_view value) {
  std::string text = PolicyWithCheapHashing();
  text.resize(text.find("\n# --- Tests -"));
  const std::string name = absl::StrCat("name: \"", parameter, "\"");
  const bool replaced = RE2::Replace(&text, absl::StrCat(name, R"(\s+value: "[^"]*")"),
                                     absl::StrCat(name, " value: \"", value, "\""));
  if (!replaced) Fatal(absl::StrCat("the shipped rules have no parameter ", parameter));
  return text;
}

}  // namespace gatehouse::harness
