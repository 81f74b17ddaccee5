// Which of many rules can matter for given facts, found without asking each of them.
//
// A rule whose condition is a conjunction with `fact == constant` in it cannot hold where the fact
// is known and has another value. Where a policy has many such rules on one fact, they are found by
// a look-up of the fact's value. Built once, then immutable and thread-safe; a look-up allocates
// nothing.

#ifndef GATEHOUSE_POLICY_RULE_INDEX_H_
#define GATEHOUSE_POLICY_RULE_INDEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "policy/cel/program.h"
#include "policy/cel/value.h"

namespace gatehouse::policy {

// `fact == constant`, as one operand of a condition's conjunction.
struct Equality {
  cel::SlotId slot = 0;
  cel::Value value;  // text or whole number
};

// Those without which the condition cannot hold. Null: none.
std::vector<Equality> EqualitiesOf(const cel::Program* condition);

class RuleIndex {
 public:
  RuleIndex() = default;
  // One element a rule; rules are named by their position.
  explicit RuleIndex(absl::Span<const std::vector<Equality>> rules);

  // Those that no fact's value rules out.
  absl::Span<const uint32_t> always() const { return always_; }

  // Calls `visit(position)` for each other rule that can matter, in no particular order, until it
  // answers false. Answers whether all were visited.
  template <typename Visit>
  bool VisitFound(absl::Span<const cel::Value> slots, const Visit& visit) const {
    for (const Group& group : groups_) {
      for (const uint32_t position : group.Candidates(slots[group.slot])) {
        if (!visit(position)) return false;
      }
    }
    return true;
  }

 private:
  // The rules that are told apart by one fact.
  struct Group {
    // False if the rule is not told apart by this fact.
    bool Add(uint32_t rule, absl::Span<const Equality> equalities);
    absl::Span<const uint32_t> Candidates(const cel::Value& value) const;

    cel::SlotId slot = 0;
    std::vector<uint32_t> all;  // where the fact is not known
    absl::flat_hash_map<int64_t, std::vector<uint32_t>> by_number;
    absl::flat_hash_map<std::string, std::vector<uint32_t>> by_text;
  };

  std::vector<uint32_t> always_;
  std::vector<Group> groups_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_RULE_INDEX_H_
