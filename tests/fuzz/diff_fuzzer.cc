// The rules before and after a line of dashes: whatever they are, their difference is told within
// its bounds, and every example that is not marked as possible is decided otherwise by the two.
#include <cstdint>
#include <cstdlib>

#include "policy/analysis/diff.h"
#include "policy/policy.h"
#include "tests/policy/testing.h"

namespace gatehouse::policy::analysis {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr absl::string_view kBetween = "\n---\n";
  static constexpr DiffLimits kLimits = {
      .steps_per_action = 20'000, .steps = 100'000, .conditions = 10};
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t between = text.find(kBetween);
  if (between == absl::string_view::npos) return 0;
  const auto before = Policy::Compile(PolicyText(text.substr(0, between)), "before").policy;
  const auto after =
      Policy::Compile(PolicyText(text.substr(between + kBetween.size())), "after").policy;
  if (before == nullptr || after == nullptr) return 0;
  const PolicyDiff diff = Diff(*before, *after, kLimits);
  for (const Difference& difference : diff.differences) {
    if (difference.condition.empty()) std::abort();
    if (difference.possible || difference.change == Change::kAlters) continue;
    const bool was = before->Allows(difference.action, difference.example);
    const bool is = after->Allows(difference.action, difference.example);
    if (was != (difference.change == Change::kNarrows) || was == is) std::abort();
  }
  return diff.Digest().empty() ? 1 : 0;
}

}  // namespace gatehouse::policy::analysis
