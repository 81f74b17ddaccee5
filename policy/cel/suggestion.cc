#include "policy/cel/suggestion.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace gatehouse::policy::cel {
namespace {

// Beyond it nobody mistyped anything.
constexpr size_t kLongestName = 128;

// Insertions, deletions, replacements and swaps of neighbours that make one of the other, letters
// of either case being the same.
size_t Edits(absl::string_view from, absl::string_view to) {
  const auto same = [](char a, char b) {
    return absl::ascii_tolower(static_cast<unsigned char>(a)) ==
           absl::ascii_tolower(static_cast<unsigned char>(b));
  };
  std::vector<size_t> before(to.size() + 1);
  std::vector<size_t> above(to.size() + 1);
  std::vector<size_t> row(to.size() + 1);
  std::iota(above.begin(), above.end(), size_t{0});
  for (size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      const size_t replaced = above[j - 1] + (same(from[i - 1], to[j - 1]) ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && same(from[i - 1], to[j - 2]) && same(from[i - 2], to[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above.back();
}

}  // namespace

Suggestion::Suggestion(absl::string_view mistyped)
    : mistyped_(mistyped), least_edits_(std::max<size_t>(1, mistyped.size() / 3) + 1) {}

void Suggestion::Offer(absl::string_view name) {
  const size_t longer = std::max(name.size(), mistyped_.size());
  const size_t shorter = std::min(name.size(), mistyped_.size());
  if (longer > kLongestName || longer - shorter >= least_edits_) return;
  const size_t edits = Edits(mistyped_, name);
  if (edits >= least_edits_) return;
  least_edits_ = edits;
  name_ = std::string(name);
}

std::string Suggestion::Question() const {
  return name_.empty() ? "" : absl::StrCat("did you mean ", name_, "?");
}

}  // namespace gatehouse::policy::cel
