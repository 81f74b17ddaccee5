// Any line is read as a recorded decision or with faults; facts that are read are the same when
// written and read again, and can be decided on.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "policy/recording.h"
#include "policy/tool/facts_json.h"
#include "policy/tool/recorded_json.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy::tool {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const policy = new std::shared_ptr<const Policy>(CompileOrDie(
      "permit { id: 'a' on: SIGN_IN when: 'now - account.joined_at > duration(\"1h\")' }\n"
      "require { id: 'b' on: SIGN_IN that: '!account.locked'\n"
      "  else { reason: ACCOUNT_LOCKED } }"));
  std::vector<std::string> faults;
  const Recorded recorded =
      ReadRecorded(absl::string_view(reinterpret_cast<const char*>(data), size), faults);
  if (!faults.empty()) return 0;
  const std::string written = FactsToJson(recorded.facts).dump();
  const Facts again = FactsFromJson(nlohmann::json::parse(written), faults);
  if (!faults.empty() || FactsToJson(again).dump() != written) std::abort();
  DecideAgain(**policy, recorded.action, Normalise(recorded.facts), recorded.decision);
  return 0;
}

}  // namespace gatehouse::policy::tool
