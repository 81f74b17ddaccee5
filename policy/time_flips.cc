#include "policy/time_flips.h"

#include <utility>

#include "absl/time/time.h"

#include "policy/facts.h"

namespace gatehouse::policy {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr auto kNowSlot = static_cast<cel::SlotId>(Fact::kNow);
// A comparison of choices (c ? x : y) stands for as many comparisons as there are ways to choose.
constexpr int kMostChoices = 64;
// The years 1 to 9999, in seconds since the epoch.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;

Nanoseconds FloorDivide(Nanoseconds dividend, Nanoseconds divisor) {
  const Nanoseconds quotient = dividend / divisor;
  return dividend % divisor != 0 && (dividend < 0) != (divisor < 0) ? quotient - 1 : quotient;
}

}  // namespace

Nanoseconds ToNanoseconds(const cel::Value& value) {
  if (value.is(cel::ValueKind::kDuration)) return value.duration_nanoseconds();
  return value.timestamp_seconds() * kSecond + value.timestamp_nanoseconds();
}

std::optional<cel::Value> ToInstant(Nanoseconds nanoseconds) {
  const Nanoseconds seconds = FloorDivide(nanoseconds, kSecond);
  if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
  return cel::Value::Timestamp(static_cast<int64_t>(seconds),
                               static_cast<uint32_t>(nanoseconds - seconds * kSecond));
}

TimeFlips::TimeFlips(const cel::Program& program) : program_(&program) {
  FindComparisons(program.expression().ast().root());
}

void TimeFlips::FindComparisons(cel::NodeId id) {
  const cel::CheckedExpression& expression = program_->expression();
  if (!expression.DependsOn(id, kNowSlot)) return;
  const cel::Node& node = expression.ast().node(id);
  if (node.kind == cel::NodeKind::kCall && cel::IsComparison(node.function)) {
    std::optional<Term> left = Understand(node.children[0]);
    std::optional<Term> right = Understand(node.children[1]);
    if (left.has_value() && right.has_value() && left->choices * right->choices <= kMostChoices) {
      comparisons_.push_back({*std::move(left), *std::move(right)});
      FindInConditions(id);
      return;
    }
  }
  const std::vector<cel::NodeId> children = expression.Children(id);
  if (children.empty() || node.kind == cel::NodeKind::kComprehension) opaque_use_ = id;
  for (const cel::NodeId child : children) FindComparisons(child);
}

void TimeFlips::FindInConditions(cel::NodeId id) {
  const cel::CheckedExpression& expression = program_->expression();
  const cel::Node& node = expression.ast().node(id);
  const std::vector<cel::NodeId> children = expression.Children(id);
  const bool is_choice =
      node.kind == cel::NodeKind::kCall && node.function == cel::Function::kConditional;
  for (size_t i = 0; i < children.size(); ++i) {
    if (is_choice && i == 0) {
      FindComparisons(children[i]);
    } else {
      FindInConditions(children[i]);
    }
  }
}

std::optional<TimeFlips::Term> TimeFlips::Understand(cel::NodeId id) const {
  const cel::CheckedExpression& expression = program_->expression();
  if (expression.slot(id) == kNowSlot) return Term{Term::Kind::kNow, id, 1, {}};
  if (!expression.DependsOn(id, kNowSlot)) {
    const cel::Type& type = expression.type(id);
    const bool is_time =
        type.is(cel::Type::Kind::kTimestamp) || type.is(cel::Type::Kind::kDuration);
    return is_time ? std::optional<Term>(Term{Term::Kind::kFixed, id, 1, {}}) : std::nullopt;
  }
  const cel::Node& node = expression.ast().node(id);
  if (node.kind != cel::NodeKind::kCall) return std::nullopt;
  Term term;
  absl::Span<const cel::NodeId> operands = node.children;
  switch (node.function) {
    case cel::Function::kAdd:
      term.kind = Term::Kind::kSum;
      break;
    case cel::Function::kSubtract:
      term.kind = Term::Kind::kDifference;
      break;
    case cel::Function::kNegate:
      term.kind = Term::Kind::kNegation;
      break;
    case cel::Function::kConditional:
      term.kind = Term::Kind::kChoice;
      operands.remove_prefix(1);
      break;
    default:
      return std::nullopt;
  }
  for (const cel::NodeId operand : operands) {
    std::optional<Term> understood = Understand(operand);
    if (!understood.has_value()) return std::nullopt;
    const bool adds = term.kind == Term::Kind::kChoice && !term.operands.empty();
    term.choices = adds ? term.choices + understood->choices : term.choices * understood->choices;
    if (term.choices > kMostChoices) return std::nullopt;
    term.operands.push_back(*std::move(understood));
  }
  return term;
}

std::vector<TimeFlips::Line> TimeFlips::LinesOf(const Term& term,
                                                absl::Span<const cel::Value> slots,
                                                cel::Arena& arena) const {
  if (term.kind == Term::Kind::kNow) return {{1, 0}};
  if (term.kind == Term::Kind::kFixed) {
    const cel::Value value = program_->EvaluateNode(term.node, slots, arena);
    if (value.failed()) return {};
    return {{0, ToNanoseconds(value)}};
  }
  std::vector<Line> lines = LinesOf(term.operands[0], slots, arena);
  if (term.kind == Term::Kind::kNegation) {
    for (Line& line : lines) line = {-line.slope, -line.offset};
    return lines;
  }
  const std::vector<Line> others = LinesOf(term.operands[1], slots, arena);
  if (term.kind == Term::Kind::kChoice) {
    lines.insert(lines.end(), others.begin(), others.end());
    return lines;
  }
  const int sign = term.kind == Term::Kind::kSum ? 1 : -1;
  std::vector<Line> combined;
  for (const Line& left : lines) {
    for (const Line& right : others) {
      combined.push_back({left.slope + sign * right.slope, left.offset + sign * right.offset});
    }
  }
  return combined;
}

void TimeFlips::Collect(absl::Span<const cel::Value> slots, cel::Arena& arena,
                        std::vector<Nanoseconds>& instants) const {
  for (const Comparison& comparison : comparisons_) {
    const std::vector<Line> rights = LinesOf(comparison.right, slots, arena);
    for (const Line& left : LinesOf(comparison.left, slots, arena)) {
      for (const Line& right : rights) {
        const int slope = left.slope - right.slope;
        if (slope == 0) continue;
        // Zero lies here, or between here and the next nanosecond.
        const Nanoseconds zero = FloorDivide(right.offset - left.offset, slope);
        instants.push_back(zero);
        instants.push_back(zero + 1);
      }
    }
  }
}

}  // namespace gatehouse::policy
