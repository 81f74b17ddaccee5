// Conditions as a chain of tests on facts: what makes deciding cheap.
//
// Nearly every rule consists of a few kinds of tests (a flag, a word among words, a role held, an
// age against a bound) under &&, || and !. Those are compiled to tests that jump to the next one or
// to the verdict, and so are all rules about one action together: deciding walks along one array.
// What is of no such kind is left to the expression's own program. Whenever a test meets a fact
// that is not plainly known, the verdict is kAsk, and the programs must answer: they alone know how
// the unknown and the absent are absorbed. So a predicate never says anything else than they would.
//
// Immutable, thread-safe, allocates nothing. Keeps pointers to the programs.

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

  // What is asked where `when` holds; null stands for true.
  struct Clause {
    const cel::Program* when = nullptr;
    const cel::Program* that = nullptr;
  };

  Predicate() = default;  // always kAsk
  // `program`, as all of those below, is of type bool.
  explicit Predicate(const cel::Program& program);
  // Whether `that` holds in every clause whose `when` does.
  static Predicate AllHold(absl::Span<const Clause> clauses);
  // Whether any of the conditions does; null stands for true.
  static Predicate AnyHolds(absl::Span<const cel::Program* const> conditions);

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
    kIsText,       // slot == the constant that is the program's node `number`
    kInstants,     // slot `comparison` other
    kAge,          // slot - other `comparison` number nanoseconds
    kListHas,      // number is in the list in slot
    kHoldsRole,    // the list in slot has a role of the bits of number
    kHoldsRoleIn,  // the same, in the organisation in other
    kOther,        // whatever the program says of its node `number`
  };
  // Two of them fill a cache line.
  struct Test {
    Kind kind = Kind::kOther;
    cel::Function comparison = cel::Function::kEqual;
    Target if_true = kTrueTarget;
    Target if_false = kFalseTarget;
    uint32_t slot = 0;
    uint32_t other = 0;
    int64_t number = 0;
    const cel::Program* program = nullptr;
  };
  class Recogniser;

  // Whether the tests for one more condition would fit.
  bool HasRoomFor(const cel::Program& program) const;
  // Appends the tests for a condition, which go on to the targets; answers the first of them.
  Target Lower(const cel::Program* condition, Target if_true, Target if_false);
  Target Lower(const cel::Program& program, cel::NodeId id, Target if_true, Target if_false);

  // Where to go on after a test that has been answered: past those that ask the same.
  Target Skip(const Test& answered, bool answer, Target target) const;
  static bool IsSameQuestion(const Test& a, const Test& b);
  static cel::NodeId NodeOf(const Test& test) { return static_cast<cel::NodeId>(test.number); }

  static Target Run(const Test& test, absl::Span<const cel::Value> slots, cel::Arena& arena);
  static Target RunRole(const Test& test, const cel::Value& roles, const cel::Value& organisation);

  std::vector<Test> tests_;
  Target first_ = kAskTarget;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_PREDICATE_H_
