// The rules of a policy, compiled and ordered for deciding: what the compiler makes, what
// decisions, explanations and analysis read.
//
// Immutable once built; const methods are thread-safe and allocate nothing. Slots are those of
// Facts::slots().

#ifndef GATEHOUSE_POLICY_RULE_SET_H_
#define GATEHOUSE_POLICY_RULE_SET_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

#include "gatehouse/policy/v1/policy.pb.h"
#include "policy/cel/arena.h"
#include "policy/cel/program.h"
#include "policy/decision.h"
#include "policy/facts.h"
#include "policy/parameters.h"
#include "policy/predicate.h"
#include "policy/rule_index.h"
#include "policy/time_flips.h"
#include "policy/vocabulary.h"

namespace gatehouse::policy {

using Slots = absl::Span<const cel::Value>;

// One bool expression of a rule, in the forms that deciding and explaining need.
struct Condition {
  explicit Condition(cel::Program compiled)
      : program(std::move(compiled)), predicate(program), time(program) {}
  Condition(Condition&&) = delete;  // the others point into `program`

  cel::Value Evaluate(Slots slots, cel::Arena& arena) const {
    const Predicate::Verdict verdict = predicate.Evaluate(slots, arena);
    if (verdict == Predicate::Verdict::kAsk) return program.Evaluate(slots, arena);
    return cel::Value::Bool(verdict == Predicate::Verdict::kTrue);
  }

  cel::Program program;
  Predicate predicate;
  TimeFlips time;
};
// Null means that the condition always holds.
using ConditionPtr = std::unique_ptr<const Condition>;

struct PermitRule {
  std::string id;
  uint32_t line = 0;
  ConditionPtr when;

  cel::Value Evaluate(Slots slots, cel::Arena& arena) const;
};

// A piece of a refusal's message: text as it stands, or the value of a fact or a parameter.
struct MessageValue {
  cel::Type type;
  std::variant<Fact, cel::Value> value;
};
using MessagePiece = std::variant<std::string, MessageValue>;

struct MendRule {
  MendBy::Value by = MendBy::UNSPECIFIED;
  std::string operation;
  ConditionPtr when;
};

struct RequireRule {
  std::string id;
  uint32_t line = 0;
  ConditionPtr when;
  ConditionPtr that;
  Reason::Value reason = Reason::UNSPECIFIED;
  std::vector<MessagePiece> message;
  std::vector<MendRule> mends;
  bool before_permission = false;

  // true: holds or does not apply. Anything else stands against the action.
  cel::Value Evaluate(Slots slots, cel::Arena& arena) const;
};

struct ObligeRule {
  std::string id;
  uint32_t line = 0;
  ConditionPtr when;
  RequiredAction::Value action = RequiredAction::UNSPECIFIED;

  cel::Value Evaluate(Slots slots, cel::Arena& arena) const;
};

// The rules about one action, each list in the order of the text.
struct ActionRules {
  std::vector<const PermitRule*> permits;
  std::vector<const RequireRule*> requires_;  // `requires` is a word of the language
  std::vector<const ObligeRule*> obliges;
  RuleIndex permit_index;
  RuleIndex require_index;
  // Of the rules that the index always names, all together.
  Predicate permitted;
  Predicate fulfilled;
  // What any of them speaks of.
  std::bitset<kFactCount> facts;
};

using Obligations = decltype(Decision::obligations);

// One fact as a test or fixture gives it: an expression over parameters and `now`.
struct GivenFact {
  Fact fact = Fact::kNow;
  enum class As { kValue, kAbsent, kUnknown } as = As::kValue;
  // For kValue. Roles are a list of texts, "LOCAL_ADMIN@riverside".
  std::unique_ptr<const cel::Program> value;
};

struct PolicyTest {
  std::string name;
  uint32_t line = 0;
  std::vector<Action::Value> on;
  // Each fact once: what the test gives itself, else what its fixtures do.
  std::vector<const GivenFact*> given;
  v1::Expectation expect;
};

class RuleSet {
 public:
  // Whether the action is allowed; if so, and only then, `obligations` (unless null) is complete.
  bool Judge(Action::Value action, Slots slots, Obligations* obligations) const;

  // Null for actions without any permit rule: they are never allowed.
  const ActionRules* RulesFor(Action::Value action) const;

  std::string name;
  std::string text;
  Revision revision;
  std::vector<std::unique_ptr<const PermitRule>> permits;
  std::vector<std::unique_ptr<const RequireRule>> requires_;
  std::vector<std::unique_ptr<const ObligeRule>> obliges;
  std::array<ActionRules, Action::Value_ARRAYSIZE> actions;
  std::array<int64_t, kParameterCount> parameters{};  // durations in nanoseconds
  std::vector<std::unique_ptr<const GivenFact>> given;
  std::vector<PolicyTest> tests;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_RULE_SET_H_
