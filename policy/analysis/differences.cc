#include "policy/analysis/differences.h"

#include <algorithm>

namespace gatehouse::policy::analysis {

void Differences::AtMost(uint32_t above, uint32_t below, Nanoseconds most, uint32_t reason) {
  bounds_.push_back({above, below, most, reason});
  numbers_ = std::max({numbers_, above + 1, below + 1});
}

std::optional<uint32_t> Differences::Relax(std::vector<Nanoseconds>& lengths,
                                           std::vector<size_t>& last) const {
  lengths.assign(numbers_, 0);
  last.assign(numbers_, bounds_.size());
  std::optional<uint32_t> improved;
  for (uint32_t round = 0; round <= numbers_; ++round) {
    improved.reset();
    for (size_t i = 0; i < bounds_.size(); ++i) {
      const Bound& bound = bounds_[i];
      if (lengths[bound.below] + bound.most >= lengths[bound.above]) continue;
      lengths[bound.above] = lengths[bound.below] + bound.most;
      last[bound.above] = i;
      improved = bound.above;
    }
    if (!improved.has_value()) break;
  }
  return improved;
}

std::vector<uint32_t> Differences::FindConflict() const {
  std::vector<Nanoseconds> lengths;
  std::vector<size_t> last;
  const std::optional<uint32_t> improved = Relax(lengths, last);
  if (!improved.has_value()) return {};
  // So many steps back from there, the way is in the circle for certain.
  uint32_t number = *improved;
  for (uint32_t i = 0; i < numbers_; ++i) number = bounds_[last[number]].below;
  std::vector<uint32_t> reasons;
  uint32_t at = number;
  do {
    reasons.push_back(bounds_[last[at]].reason);
    at = bounds_[last[at]].below;
  } while (at != number);
  return reasons;
}

void Differences::Prefer(uint32_t above, uint32_t below, Nanoseconds difference) {
  const uint32_t numbers = numbers_;
  AtMost(above, below, difference, 0);
  AtMost(below, above, -difference, 0);
  if (FindConflict().empty()) return;
  bounds_.resize(bounds_.size() - 2);
  numbers_ = numbers;
}

std::vector<Nanoseconds> Differences::Solve() const {
  std::vector<Nanoseconds> lengths;
  std::vector<size_t> last;
  Relax(lengths, last);
  const Nanoseconds zero = lengths[kZero];
  for (Nanoseconds& length : lengths) length -= zero;
  return lengths;
}

}  // namespace gatehouse::policy::analysis
