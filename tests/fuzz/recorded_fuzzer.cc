// Any line is read as a recorded decision or with faults; a decision that is read is the same when
// written and read again, and can be made again.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "policy/json/recorded_json.h"
#include "policy/recording.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* const policy = new std::shared_ptr<const Policy>(CompileOrDie(
      "permit { id: 'a' on: SIGN_IN when: 'now - account.joined_at > duration(\"1h\")' }\n"
      "require { id: 'b' on: SIGN_IN that: '!account.locked'\n"
      "  else { reason: ACCOUNT_LOCKED } }"));
  std::vector<std::string> faults;
  const Recorded recorded =
      ReadRecorded(absl::string_view(reinterpret_cast<const char*>(data), size), faults);
  if (!faults.empty()) return 0;
  const std::string written = WriteRecorded(recorded.action, recorded.facts, recorded.decision);
  const Recorded again = ReadRecorded(written, faults);
  if (!faults.empty()) std::abort();
  if (WriteRecorded(again.action, again.facts, again.decision) != written) std::abort();
  if (Compare(again.decision, recorded.decision) != Change::kNone) std::abort();
  DecideAgain(**policy, recorded.action, Normalise(recorded.facts), recorded.decision);
  return 0;
}

}  // namespace gatehouse::policy
