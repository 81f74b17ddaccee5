#include "policy/near_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"

namespace gatehouse::policy {
namespace {

// Names longer than this are nobody's slip of the finger, and comparing them costs.
constexpr size_t kLongestName = 100;

// The number of letters to change, add or drop (Levenshtein).
size_t Distance(absl::string_view left, absl::string_view right) {
  std::vector<size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < left.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < right.size(); ++j) {
      const size_t change = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string SuggestName(absl::string_view name, absl::Span<const std::string> candidates) {
  if (name.empty() || name.size() > kLongestName) return "";
  const std::string* nearest = nullptr;
  size_t least = name.size() / 3 + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = Distance(name, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = &candidate;
  }
  return nearest == nullptr ? "" : absl::StrCat("did you mean ", *nearest, "?");
}

}  // namespace gatehouse::policy
