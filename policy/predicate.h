// A condition as a chain of tests on facts: what makes deciding cheap.
//
// Nearly every rule consists of a few kinds of tests (a flag, a word among words, a role held, an
// age against a bound) under &&, || and !. Those are compiled to tests that jump to the next one or
// to the verdict; what is of no such kind is left to the expression's own program. Whenever a test
// meets a fact that is not plainly known, the verdict is kAsk, and the program must answer: it
// alone knows how the unknown and the absent are absorbed. So a predicate never says anything else
// than its program would.
//
// Immutable, thread-safe, allocates nothing. Keeps a pointer to the program.

#ifndef GATEHOUSE_POLICY_PREDICATE_H_
#define GATEHOUSE_POLICY_PREDICATE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

#include "policy/cel/arena.h"
#include "policy/cel/program.h"
#include "policy/cel/value.h"

namespace gatehouse::policy {

class Predicate {
 public:
  enum class Verdict : uint8_t { kFalse, kTrue, kAsk };

  // `program` is of type bool.
  explicit Predicate(const cel::Program& program);

  Verdict Evaluate(absl::Span<const cel::Value> slots, cel::Arena& arena) const;

 private:
  using Target = uint16_t;
  // Beyond the tests lie the verdicts.
  static constexpr Target kTrueTarget = UINT16_MAX;
  static constexpr Target kFalseTarget = UINT16_MAX - 1;
  static constexpr Target kAskTarget = UINT16_MAX - 2;

  enum class Kind : uint8_t {
    kConstant,     // number != 0
    kFlag,         // slot
    kHas,          // slot is not absent
    kWordAmong,    // the word in slot is one of the bits of number
    kNumber,       // slot `comparison` number
    kNumbers,      // slot `comparison` other
    kSameText,     // slot == other
    kIsText,       // slot == text
    kInstants,     // slot `comparison` other
    kAge,          // slot - other `comparison` number nanoseconds
    kListHas,      // number is in the list in slot
    kHoldsRole,    // the list in slot has a role of the bits of number
    kHoldsRoleIn,  // the same, in the organisation in other
    kOther,        // whatever the program says of node
  };
  struct Test {
    Kind kind = Kind::kOther;
    cel::Function comparison = cel::Function::kEqual;
    Target if_true = kTrueTarget;
    Target if_false = kFalseTarget;
    uint32_t slot = 0;
    uint32_t other = 0;
    int64_t number = 0;
    cel::NodeId node = cel::kNoNode;
  };

  // Appends the tests for `id`, which go on to the targets; answers the first of them.
  Target Lower(cel::NodeId id, Target if_true, Target if_false);
  Test Recognise(cel::NodeId id) const;
  std::optional<Test> RecogniseComparison(const cel::Node& node) const;
  std::optional<Test> RecogniseMembership(const cel::Node& node) const;
  std::optional<Test> RecogniseRole(const cel::Node& node) const;
  // Narrows `test` by one part of a predicate over roles; false if it is of another kind.
  bool AddRolePart(cel::NodeId id, Test& test) const;
  // The place of the field, if the node is one of the role that a comprehension is about.
  std::optional<uint32_t> RoleField(cel::NodeId id) const;

  Target Run(const Test& test, absl::Span<const cel::Value> slots, cel::Arena& arena) const;

  const cel::Program* program_;
  std::vector<Test> tests_;
  Target first_ = kAskTarget;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_PREDICATE_H_
