// Bounds on differences of numbers: whether some numbers keep them all, and which.
//
// Numbers are named by whoever asks; 0 is number zero itself. Whole numbers throughout, nanoseconds
// where they are instants. One thread.

#ifndef GATEHOUSE_POLICY_ANALYSIS_DIFFERENCES_H_
#define GATEHOUSE_POLICY_ANALYSIS_DIFFERENCES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "policy/time_flips.h"

namespace gatehouse::policy::analysis {

class Differences {
 public:
  static constexpr uint32_t kZero = 0;

  // Number `above` less number `below` is at most so much. `reason` is told of conflicts.
  void AtMost(uint32_t above, uint32_t below, Nanoseconds most, uint32_t reason);

  // The reasons of bounds that contradict each other; empty if there are none.
  std::vector<uint32_t> FindConflict() const;

  // Adds that above less below is so much, unless that contradicts what is there.
  void Prefer(uint32_t above, uint32_t below, Nanoseconds difference);

  // Numbers that keep all bounds, which do not contradict each other; as many as were named.
  std::vector<Nanoseconds> Solve() const;

 private:
  struct Bound {
    uint32_t above;
    uint32_t below;
    Nanoseconds most;
    uint32_t reason;
  };

  // The lengths of the shortest ways to each number; `last` is the bound on which each was reached.
  // A number that can still be improved upon afterwards lies behind a contradiction.
  std::optional<uint32_t> Relax(std::vector<Nanoseconds>& lengths, std::vector<size_t>& last) const;

  uint32_t numbers_ = 1;
  std::vector<Bound> bounds_;
};

}  // namespace gatehouse::policy::analysis

#endif  // GATEHOUSE_POLICY_ANALYSIS_DIFFERENCES_H_
