#include "tests/harness/shipped_policy.h"

#include "absl/strings/str_replace.h"

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

}  // namespace gatehouse::harness
