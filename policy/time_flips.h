// When a condition can change by the passing of time alone.
//
// Every comparison with `now` on a side is, given the other facts, a comparison of a line in `now`
// with zero: it flips at one instant. Those instants, of all comparisons in a condition, are the
// only ones at which the condition can change, so trying them in order finds the first at which it
// holds.
//
// Prepared once for each condition; then immutable and thread-safe.

#ifndef GATEHOUSE_POLICY_TIME_FLIPS_H_
#define GATEHOUSE_POLICY_TIME_FLIPS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

#include "policy/cel/arena.h"
#include "policy/cel/program.h"
#include "policy/cel/value.h"

namespace gatehouse::policy {

// Nanoseconds since the Unix epoch; wide enough for every sum of instants and durations.
__extension__ typedef __int128 Nanoseconds;

Nanoseconds ToNanoseconds(const cel::Value& instant_or_duration);
// An instant of the expression language, if it lies within its years.
std::optional<cel::Value> ToInstant(Nanoseconds nanoseconds);

class TimeFlips {
 public:
  // Keeps a pointer to `program`.
  explicit TimeFlips(const cel::Program& program);

  bool empty() const { return comparisons_.empty(); }
  // A node in which `now` is used otherwise than in a comparison of sums and differences, so that
  // its changes cannot be foreseen; nothing if there is none.
  std::optional<cel::NodeId> opaque_use() const { return opaque_use_; }

  // Adds the instants at which a comparison may flip, with these facts.
  void Collect(absl::Span<const cel::Value> slots, cel::Arena& arena,
               std::vector<Nanoseconds>& instants) const;

 private:
  // A side of a comparison, as far as it depends on `now`.
  struct Term {
    enum class Kind { kNow, kFixed, kSum, kDifference, kNegation, kChoice };
    Kind kind = Kind::kFixed;
    cel::NodeId node = cel::kNoNode;  // of kFixed
    int choices = 1;                  // lines that it stands for
    std::vector<Term> operands;
  };
  struct Comparison {
    Term left;
    Term right;
  };
  // slope * now + offset.
  struct Line {
    int slope = 0;
    Nanoseconds offset = 0;
  };

  std::optional<Term> Understand(cel::NodeId id) const;
  std::vector<Line> LinesOf(const Term& term, absl::Span<const cel::Value> slots,
                            cel::Arena& arena) const;
  void FindComparisons(cel::NodeId id);
  // Those on which the choices within an understood comparison depend.
  void FindInConditions(cel::NodeId id);

  const cel::Program* program_;
  std::vector<Comparison> comparisons_;
  std::optional<cel::NodeId> opaque_use_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_TIME_FLIPS_H_
