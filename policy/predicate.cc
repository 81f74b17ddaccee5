#include "policy/predicate.h"

#include <algorithm>
#include <limits>

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

Predicate::Predicate(const cel::Program& program) : program_(&program) {
  if (program.expression().ast().size() > kMostTests) return;
  first_ = Lower(program.expression().ast().root(), kTrueTarget, kFalseTarget);
}

Predicate::Target Predicate::Lower(cel::NodeId id, Target if_true, Target if_false) {
  const cel::Node& node = program_->expression().ast().node(id);
  const bool is_call = node.kind == cel::NodeKind::kCall;
  if (is_call && node.function == Function::kNot) {
    return Lower(node.children[0], if_false, if_true);
  }
  if (is_call && (node.function == Function::kAnd || node.function == Function::kOr)) {
    const bool is_and = node.function == Function::kAnd;
    Target next = is_and ? if_true : if_false;
    for (auto operand = node.children.rbegin(); operand != node.children.rend(); ++operand) {
      next = is_and ? Lower(*operand, next, if_false) : Lower(*operand, if_true, next);
    }
    return next;
  }
  Test test = Recognise(id);
  test.if_true = if_true;
  test.if_false = if_false;
  tests_.push_back(test);
  return static_cast<Target>(tests_.size() - 1);
}

Predicate::Test Predicate::Recognise(cel::NodeId id) const {
  const cel::CheckedExpression& expression = program_->expression();
  const cel::Node& node = expression.ast().node(id);
  Test test;
  test.node = id;
  if (const Value* constant = program_->constant(id); constant != nullptr && constant->ok()) {
    test.kind = Kind::kConstant;
    test.number = constant->holds() ? 1 : 0;
    return test;
  }
  if (const std::optional<cel::SlotId> slot = expression.slot(id)) {
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

std::optional<Predicate::Test> Predicate::RecogniseComparison(const cel::Node& node) const {
  const cel::CheckedExpression& expression = program_->expression();
  cel::NodeId left = node.children[0];
  cel::NodeId right = node.children[1];
  Test test;
  test.comparison = node.function;
  if (program_->constant(left) != nullptr) {
    std::swap(left, right);
    test.comparison = Mirrored(test.comparison);
  }
  const Value* bound = program_->constant(right);
  const std::optional<cel::SlotId> slot = expression.slot(left);
  const std::optional<cel::SlotId> other = expression.slot(right);
  const cel::Node& left_node = expression.ast().node(left);
  if (slot.has_value() && other.has_value()) {
    test.slot = *slot;
    test.other = *other;
    const cel::Type& type = expression.type(left);
    if (type.is_integral() && expression.type(right).is_integral()) {
      test.kind = Kind::kNumbers;
    } else if (type.is(cel::Type::Kind::kTimestamp)) {
      test.kind = Kind::kInstants;
    } else if (type.is(cel::Type::Kind::kString) && node.function == Function::kEqual) {
      test.kind = Kind::kSameText;
    } else {
      return std::nullopt;
    }
    return test;
  }
  if (bound == nullptr) return std::nullopt;
  if (slot.has_value() && bound->is(ValueKind::kInt) && expression.type(left).is_integral()) {
    test.kind = Kind::kNumber;
    test.slot = *slot;
    test.number = bound->int_value();
    return test;
  }
  if (slot.has_value() && bound->is(ValueKind::kString) && node.function == Function::kEqual) {
    test.kind = Kind::kIsText;
    test.slot = *slot;
    test.node = right;
    return test;
  }
  if (bound->is(ValueKind::kDuration) && left_node.kind == cel::NodeKind::kCall &&
      left_node.function == Function::kSubtract) {
    const std::optional<cel::SlotId> later = expression.slot(left_node.children[0]);
    const std::optional<cel::SlotId> earlier = expression.slot(left_node.children[1]);
    if (!later.has_value() || !earlier.has_value()) return std::nullopt;
    test.kind = Kind::kAge;
    test.slot = *later;
    test.other = *earlier;
    test.number = bound->duration_nanoseconds();
    return test;
  }
  return std::nullopt;
}

std::optional<Predicate::Test> Predicate::RecogniseMembership(const cel::Node& node) const {
  const cel::CheckedExpression& expression = program_->expression();
  const Value* word = program_->constant(node.children[0]);
  const Value* words = program_->constant(node.children[1]);
  const std::optional<cel::SlotId> slot = expression.slot(node.children[0]);
  const std::optional<cel::SlotId> list = expression.slot(node.children[1]);
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
      expression.type(node.children[1]).is(cel::Type::Kind::kList)) {
    test.kind = Kind::kListHas;
    test.slot = *list;
    test.number = word->int_value();
    return test;
  }
  return std::nullopt;
}

std::optional<Predicate::Test> Predicate::RecogniseRole(const cel::Node& node) const {
  const cel::CheckedExpression& expression = program_->expression();
  const std::optional<cel::SlotId> roles = expression.slot(node.range_node());
  if (!roles.has_value() || !node.variables[1].empty()) return std::nullopt;
  if (Describe(static_cast<Fact>(*roles)).type != FactType::kRoles) return std::nullopt;
  Test test;
  test.kind = Kind::kHoldsRole;
  test.slot = *roles;
  test.number = -1;  // any
  const cel::Node& predicate = expression.ast().node(node.predicate());
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

bool Predicate::AddRolePart(cel::NodeId id, Test& test) const {
  const cel::CheckedExpression& expression = program_->expression();
  const cel::Node& node = expression.ast().node(id);
  if (node.kind != cel::NodeKind::kCall) return false;
  const bool is_equal = node.function == Function::kEqual;
  if (!is_equal && node.function != Function::kIn) return false;
  const std::optional<uint32_t> field = RoleField(node.children[0]);
  if (field == 0u) {
    const Value* words = program_->constant(node.children[1]);
    const std::optional<int64_t> bits = words == nullptr ? std::nullopt : BitsOf(*words);
    if (!bits.has_value()) return false;
    test.number &= *bits;
    return true;
  }
  const std::optional<cel::SlotId> organisation = expression.slot(node.children[1]);
  if (field != 1u || !is_equal || !organisation.has_value()) return false;
  if (test.kind == Kind::kHoldsRoleIn) return false;
  test.kind = Kind::kHoldsRoleIn;
  test.other = *organisation;
  return true;
}

std::optional<uint32_t> Predicate::RoleField(cel::NodeId id) const {
  const cel::CheckedExpression& expression = program_->expression();
  const cel::Binding& binding = expression.binding(id);
  const cel::Node& node = expression.ast().node(id);
  if (node.kind != cel::NodeKind::kSelect || binding.kind != cel::Binding::Kind::kField) {
    return std::nullopt;
  }
  if (expression.binding(node.children[0]).kind != cel::Binding::Kind::kLocal) return std::nullopt;
  return binding.index;
}

Predicate::Verdict Predicate::Evaluate(absl::Span<const Value> slots, cel::Arena& arena) const {
  Target at = first_;
  while (at < kAskTarget) at = Run(tests_[at], slots, arena);
  return at == kTrueTarget ? Verdict::kTrue : at == kFalseTarget ? Verdict::kFalse : Verdict::kAsk;
}

Predicate::Target Predicate::Run(const Test& test, absl::Span<const Value> slots,
                                 cel::Arena& arena) const {
  const auto go = [&](bool holds) { return holds ? test.if_true : test.if_false; };
  if (test.kind == Kind::kConstant) return go(test.number != 0);
  if (test.kind == Kind::kOther) {
    const Value value = program_->EvaluateNode(test.node, slots, arena);
    return value.is(ValueKind::kBool) ? go(value.bool_value()) : kAskTarget;
  }
  const Value& value = slots[test.slot];
  if (test.kind == Kind::kHas) {
    return value.ok() ? test.if_true : value.absent() ? test.if_false : kAskTarget;
  }
  if (value.failed()) return kAskTarget;
  const Value& other = slots[test.other];  // slot 0 where the test has no other
  switch (test.kind) {
    case Kind::kFlag:
      return go(value.bool_value());
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
      return go(value.string_value() == program_->constant(test.node)->string_value());
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
    default:
      break;
  }
  // A role held, anywhere or in one organisation.
  const bool anywhere = test.kind == Kind::kHoldsRole;
  for (const Value& grant : value.list_value()) {
    const absl::Span<const Value> fields = grant.record_value();
    if (!HasBit(test.number, fields[0].int_value())) continue;
    if (anywhere) return test.if_true;
    if (other.failed()) return kAskTarget;
    if (fields[1].string_value() == other.string_value()) return test.if_true;
  }
  return test.if_false;
}

}  // namespace gatehouse::policy
