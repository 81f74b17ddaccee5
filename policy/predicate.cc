#include "policy/predicate.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "policy/facts.h"

namespace gatehouse::policy {
namespace {

using cel::Function;
using cel::Value;
using cel::ValueKind;

// More tests than these do not fit the targets; such a condition is left to its program.
constexpr size_t kMostTests = 60'000;
// Words and roles below this fit a set of bits.
constexpr int64_t kMostWords = 63;
constexpr int64_t kSecond = 1'000'000'000;
// So many seconds apart, instants differ by more nanoseconds than a duration holds.
constexpr int64_t kMostSeconds = std::numeric_limits<int64_t>::max() / kSecond - 1;

template <typename Operand>
bool Holds(Function comparison, const Operand& left, const Operand& right) {
  switch (comparison) {
    case Function::kEqual:
      return left == right;
    case Function::kNotEqual:
      return left != right;
    case Function::kLess:
      return left < right;
    case Function::kLessOrEqual:
      return left <= right;
    case Function::kGreater:
      return left > right;
    default:
      return left >= right;
  }
}

// The comparison that holds of (b, a) where this one holds of (a, b).
Function Mirrored(Function comparison) {
  switch (comparison) {
    case Function::kLess:
      return Function::kGreater;
    case Function::kLessOrEqual:
      return Function::kGreaterOrEqual;
    case Function::kGreater:
      return Function::kLess;
    case Function::kGreaterOrEqual:
      return Function::kLessOrEqual;
    default:
      return comparison;
  }
}

// The bits of a word, or of a list of words; nothing if one does not fit.
std::optional<int64_t> BitsOf(const Value& words) {
  int64_t bits = 0;
  const absl::Span<const Value> all =
      words.is(ValueKind::kList) ? words.list_value() : absl::MakeConstSpan(&words, 1);
  for (const Value& word : all) {
    if (!word.is(ValueKind::kInt) || word.int_value() < 0 || word.int_value() >= kMostWords) {
      return std::nullopt;
    }
    bits |= int64_t{1} << word.int_value();
  }
  return bits;
}

bool HasBit(int64_t bits, int64_t word) {
  return word >= 0 && word < kMostWords && ((bits >> word) & 1) != 0;
}

std::pair<int64_t, uint32_t> InstantOf(const Value& value) {
  return {value.timestamp_seconds(), value.timestamp_nanoseconds()};
}

}  // namespace

class Predicate::Recogniser {
 public:
  explicit Recogniser(const cel::Program& program)
      : program_(program), expression_(program.expression()) {}

  // The test that the node is; its targets are not set.
  Test Recognise(cel::NodeId id) const;

 private:
  std::optional<Test> RecogniseComparison(const cel::Node& node) const;
  // A comparison of two facts, of a fact with a constant, and of a difference of two instants with
  // one. `test` tells how it is compared.
  std::optional<Test> CompareFacts(Test test, cel::NodeId left, cel::NodeId right) const;
  std::optional<Test> CompareFact(Test test, cel::NodeId left, cel::NodeId constant) const;
  std::optional<Test> CompareAge(Test test, cel::NodeId difference, const Value& bound) const;
  std::optional<Test> RecogniseMembership(const cel::Node& node) const;
  std::optional<Test> RecogniseRole(const cel::Node& node) const;
  // Narrows `test` by one part of a predicate over roles; false if it is of another kind.
  bool AddRolePart(cel::NodeId id, Test& test) const;
  // The place of the field, if the node is one of the role that a comprehension is about.
  std::optional<uint32_t> RoleField(cel::NodeId id) const;

  const cel::Program& program_;
  const cel::CheckedExpression& expression_;
};

Predicate::Predicate(const cel::Program& program) {
  if (HasRoomFor(program)) first_ = Lower(&program, kTrueTarget, kFalseTarget);
}

Predicate Predicate::AllHold(absl::Span<const Clause> clauses) {
  Predicate all;
  Target next = kTrueTarget;
  for (auto clause = clauses.rbegin(); clause != clauses.rend(); ++clause) {
    for (const cel::Program* program : {clause->when, clause->that}) {
      if (program != nullptr && !all.HasRoomFor(*program)) return Predicate();
    }
    const Target that = all.Lower(clause->that, next, kFalseTarget);
    next = all.Lower(clause->when, that, next);
  }
  all.first_ = next;
  return all;
}

Predicate Predicate::AnyHolds(absl::Span<const cel::Program* const> conditions) {
  Predicate any;
  Target next = kFalseTarget;
  for (auto condition = conditions.rbegin(); condition != conditions.rend(); ++condition) {
    if (*condition != nullptr && !any.HasRoomFor(**condition)) return Predicate();
    next = any.Lower(*condition, kTrueTarget, next);
  }
  any.first_ = next;
  return any;
}

bool Predicate::HasRoomFor(const cel::Program& program) const {
  return tests_.size() + program.expression().ast().size() <= kMostTests;
}

Predicate::Target Predicate::Lower(const cel::Program* condition, Target if_true, Target if_false) {
  if (condition == nullptr) return if_true;
  return Lower(*condition, condition->expression().ast().root(), if_true, if_false);
}

Predicate::Target Predicate::Lower(const cel::Program& program, cel::NodeId id, Target if_true,
                                   Target if_false) {
  const cel::Node& node = program.expression().ast().node(id);
  const bool is_call = node.kind == cel::NodeKind::kCall;
  if (is_call && node.function == Function::kNot) {
    return Lower(program, node.children[0], if_false, if_true);
  }
  if (is_call && (node.function == Function::kAnd || node.function == Function::kOr)) {
    const bool is_and = node.function == Function::kAnd;
    Target next = is_and ? if_true : if_false;
    for (auto operand = node.children.rbegin(); operand != node.children.rend(); ++operand) {
      next = is_and ? Lower(program, *operand, next, if_false)
                    : Lower(program, *operand, if_true, next);
    }
    return next;
  }
  Test test = Recogniser(program).Recognise(id);
  test.if_true = Skip(test, true, if_true);
  test.if_false = Skip(test, false, if_false);
  tests_.push_back(test);
  return static_cast<Target>(tests_.size() - 1);
}

Predicate::Target Predicate::Skip(const Test& answered, bool answer, Target target) const {
  while (target < tests_.size() && IsSameQuestion(tests_[target], answered)) {
    target = answer ? tests_[target].if_true : tests_[target].if_false;
  }
  return target;
}

bool Predicate::IsSameQuestion(const Test& a, const Test& b) {
  return std::tie(a.kind, a.comparison, a.slot, a.other, a.number, a.program) ==
         std::tie(b.kind, b.comparison, b.slot, b.other, b.number, b.program);
}

Predicate::Test Predicate::Recogniser::Recognise(cel::NodeId id) const {
  const cel::Node& node = expression_.ast().node(id);
  Test test;
  test.number = id;
  test.program = &program_;
  if (const Value* constant = program_.constant(id); constant != nullptr && constant->ok()) {
    test.kind = Kind::kConstant;
    test.number = constant->holds() ? 1 : 0;
    return test;
  }
  if (const std::optional<cel::SlotId> slot = expression_.slot(id)) {
    test.kind = node.kind == cel::NodeKind::kHas ? Kind::kHas : Kind::kFlag;
    test.slot = *slot;
    return test;
  }
  std::optional<Test> known;
  if (node.kind == cel::NodeKind::kCall && cel::IsComparison(node.function)) {
    known = RecogniseComparison(node);
  } else if (node.kind == cel::NodeKind::kCall && node.function == Function::kIn) {
    known = RecogniseMembership(node);
  } else if (node.kind == cel::NodeKind::kComprehension && node.macro == cel::Macro::kExists) {
    known = RecogniseRole(node);
  }
  return known.value_or(test);
}

std::optional<Predicate::Test> Predicate::Recogniser::RecogniseComparison(
    const cel::Node& node) const {
  cel::NodeId left = node.children[0];
  cel::NodeId right = node.children[1];
  Test test;
  test.comparison = node.function;
  if (program_.constant(left) != nullptr) {
    std::swap(left, right);
    test.comparison = Mirrored(test.comparison);
  }
  const bool is_fact = expression_.slot(left).has_value();
  if (is_fact && expression_.slot(right).has_value()) return CompareFacts(test, left, right);
  const Value* bound = program_.constant(right);
  if (bound == nullptr) return std::nullopt;
  return is_fact ? CompareFact(test, left, right) : CompareAge(test, left, *bound);
}

std::optional<Predicate::Test> Predicate::Recogniser::CompareFacts(Test test, cel::NodeId left,
                                                                   cel::NodeId right) const {
  test.slot = *expression_.slot(left);
  test.other = *expression_.slot(right);
  const cel::Type& type = expression_.type(left);
  if (type.is_integral() && expression_.type(right).is_integral()) {
    test.kind = Kind::kNumbers;
  } else if (type.is(cel::Type::Kind::kTimestamp)) {
    test.kind = Kind::kInstants;
  } else if (type.is(cel::Type::Kind::kString) && test.comparison == Function::kEqual) {
    test.kind = Kind::kSameText;
  } else {
    return std::nullopt;
  }
  return test;
}

std::optional<Predicate::Test> Predicate::Recogniser::CompareFact(Test test, cel::NodeId left,
                                                                  cel::NodeId constant) const {
  const Value& bound = *program_.constant(constant);
  test.slot = *expression_.slot(left);
  if (bound.is(ValueKind::kInt) && expression_.type(left).is_integral()) {
    test.kind = Kind::kNumber;
    test.number = bound.int_value();
    return test;
  }
  if (bound.is(ValueKind::kString) && test.comparison == Function::kEqual) {
    test.kind = Kind::kIsText;
    test.number = constant;
    test.program = &program_;
    return test;
  }
  return std::nullopt;
}

std::optional<Predicate::Test> Predicate::Recogniser::CompareAge(Test test, cel::NodeId difference,
                                                                 const Value& bound) const {
  const cel::Node& node = expression_.ast().node(difference);
  if (!bound.is(ValueKind::kDuration) || node.kind != cel::NodeKind::kCall ||
      node.function != Function::kSubtract) {
    return std::nullopt;
  }
  const std::optional<cel::SlotId> later = expression_.slot(node.children[0]);
  const std::optional<cel::SlotId> earlier = expression_.slot(node.children[1]);
  if (!later.has_value() || !earlier.has_value()) return std::nullopt;
  test.kind = Kind::kAge;
  test.slot = *later;
  test.other = *earlier;
  test.number = bound.duration_nanoseconds();
  return test;
}

std::optional<Predicate::Test> Predicate::Recogniser::RecogniseMembership(
    const cel::Node& node) const {
  const Value* word = program_.constant(node.children[0]);
  const Value* words = program_.constant(node.children[1]);
  const std::optional<cel::SlotId> slot = expression_.slot(node.children[0]);
  const std::optional<cel::SlotId> list = expression_.slot(node.children[1]);
  Test test;
  if (slot.has_value() && words != nullptr && words->is(ValueKind::kList)) {
    const std::optional<int64_t> bits = BitsOf(*words);
    if (!bits.has_value()) return std::nullopt;
    test.kind = Kind::kWordAmong;
    test.slot = *slot;
    test.number = *bits;
    return test;
  }
  if (list.has_value() && word != nullptr && word->is(ValueKind::kInt) &&
      expression_.type(node.children[1]).is(cel::Type::Kind::kList)) {
    test.kind = Kind::kListHas;
    test.slot = *list;
    test.number = word->int_value();
    return test;
  }
  return std::nullopt;
}

std::optional<Predicate::Test> Predicate::Recogniser::RecogniseRole(const cel::Node& node) const {
  const std::optional<cel::SlotId> roles = expression_.slot(node.range_node());
  if (!roles.has_value() || !node.variables[1].empty()) return std::nullopt;
  if (Describe(static_cast<Fact>(*roles)).type != FactType::kRoles) return std::nullopt;
  Test test;
  test.kind = Kind::kHoldsRole;
  test.slot = *roles;
  test.number = -1;  // any
  const cel::Node& predicate = expression_.ast().node(node.predicate());
  const bool is_and =
      predicate.kind == cel::NodeKind::kCall && predicate.function == Function::kAnd;
  const cel::NodeId whole = node.predicate();
  const absl::Span<const cel::NodeId> parts =
      is_and ? absl::MakeConstSpan(predicate.children) : absl::MakeConstSpan(&whole, 1);
  for (const cel::NodeId part : parts) {
    if (!AddRolePart(part, test)) return std::nullopt;
  }
  return test;
}

bool Predicate::Recogniser::AddRolePart(cel::NodeId id, Test& test) const {
  const cel::Node& node = expression_.ast().node(id);
  if (node.kind != cel::NodeKind::kCall) return false;
  const bool is_equal = node.function == Function::kEqual;
  if (!is_equal && node.function != Function::kIn) return false;
  const std::optional<uint32_t> field = RoleField(node.children[0]);
  if (field == 0u) {
    const Value* words = program_.constant(node.children[1]);
    const std::optional<int64_t> bits = words == nullptr ? std::nullopt : BitsOf(*words);
    if (!bits.has_value()) return false;
    test.number &= *bits;
    return true;
  }
  const std::optional<cel::SlotId> organisation = expression_.slot(node.children[1]);
  if (field != 1u || !is_equal || !organisation.has_value()) return false;
  if (test.kind == Kind::kHoldsRoleIn) return false;
  test.kind = Kind::kHoldsRoleIn;
  test.other = *organisation;
  return true;
}

std::optional<uint32_t> Predicate::Recogniser::RoleField(cel::NodeId id) const {
  const cel::Binding& binding = expression_.binding(id);
  const cel::Node& node = expression_.ast().node(id);
  if (node.kind != cel::NodeKind::kSelect || binding.kind != cel::Binding::Kind::kField) {
    return std::nullopt;
  }
  if (expression_.binding(node.children[0]).kind != cel::Binding::Kind::kLocal) return std::nullopt;
  return binding.index;
}

Predicate::Verdict Predicate::Evaluate(absl::Span<const Value> slots, cel::Arena& arena) const {
  Target at = first_;
  while (at < kAskTarget) at = Run(tests_[at], slots, arena);
  return at == kTrueTarget ? Verdict::kTrue : at == kFalseTarget ? Verdict::kFalse : Verdict::kAsk;
}

// Tests without a slot have slot 0, `now`, which every decision knows.
inline Predicate::Target Predicate::Run(const Test& test, absl::Span<const Value> slots,
                                        cel::Arena& arena) {
  const auto go = [&](bool holds) { return holds ? test.if_true : test.if_false; };
  const Value& value = slots[test.slot];
  const Value& other = slots[test.other];
  if (value.failed()) {
    return test.kind == Kind::kHas && value.absent() ? test.if_false : kAskTarget;
  }
  switch (test.kind) {
    case Kind::kConstant:
      return go(test.number != 0);
    case Kind::kFlag:
      return go(value.bool_value());
    case Kind::kHas:
      return test.if_true;
    case Kind::kWordAmong:
      return go(HasBit(test.number, value.int_value()));
    case Kind::kNumber:
      return go(Holds(test.comparison, value.int_value(), test.number));
    case Kind::kNumbers:
      if (other.failed()) return kAskTarget;
      return go(Holds(test.comparison, value.int_value(), other.int_value()));
    case Kind::kSameText:
      if (other.failed()) return kAskTarget;
      return go(value.string_value() == other.string_value());
    case Kind::kIsText:
      return go(value.string_value() == test.program->constant(NodeOf(test))->string_value());
    case Kind::kInstants:
      if (other.failed()) return kAskTarget;
      return go(Holds(test.comparison, InstantOf(value), InstantOf(other)));
    case Kind::kAge: {
      if (other.failed()) return kAskTarget;
      const int64_t seconds = value.timestamp_seconds() - other.timestamp_seconds();
      if (seconds > kMostSeconds || seconds < -kMostSeconds) return kAskTarget;
      const int64_t age = seconds * kSecond + value.timestamp_nanoseconds() -
                          static_cast<int64_t>(other.timestamp_nanoseconds());
      return go(Holds(test.comparison, age, test.number));
    }
    case Kind::kListHas: {
      const absl::Span<const Value> list = value.list_value();
      return go(std::any_of(list.begin(), list.end(), [&](const Value& element) {
        return element.int_value() == test.number;
      }));
    }
    case Kind::kHoldsRole:
    case Kind::kHoldsRoleIn:
      return RunRole(test, value, other);
    case Kind::kOther: {
      const Value result = test.program->EvaluateNode(NodeOf(test), slots, arena);
      return result.is(ValueKind::kBool) ? go(result.bool_value()) : kAskTarget;
    }
  }
  return kAskTarget;
}

Predicate::Target Predicate::RunRole(const Test& test, const Value& roles,
                                     const Value& organisation) {
  for (const Value& grant : roles.list_value()) {
    const absl::Span<const Value> fields = grant.record_value();
    if (!HasBit(test.number, fields[0].int_value())) continue;
    if (test.kind == Kind::kHoldsRole) return test.if_true;
    if (organisation.failed()) return kAskTarget;
    if (fields[1].string_value() == organisation.string_value()) return test.if_true;
  }
  return test.if_false;
}

}  // namespace gatehouse::policy
