#include "policy/blame.h"

#include <algorithm>
#include <optional>

#include "policy/explain.h"
#include "policy/facts.h"

namespace gatehouse::policy {
namespace {

class Blamer {
 public:
  Blamer(const cel::Program& program, Slots slots, cel::Arena& arena)
      : program_(program), expression_(program.expression()), slots_(slots), arena_(arena) {}

  // Descends to the operands that alone decided for `verdict`.
  void Descend(cel::NodeId id, bool verdict) {
    const cel::Node& node = expression_.ast().node(id);
    if (node.kind != cel::NodeKind::kCall) return Observe(id);
    switch (node.function) {
      case cel::Function::kNot:
        return Descend(node.children[0], !verdict);
      case cel::Function::kAnd:
      case cel::Function::kOr:
        for (const cel::NodeId operand : node.children) {
          const cel::Value value = program_.EvaluateNode(operand, slots_, arena_);
          const bool opposes = value.is(cel::ValueKind::kBool) && value.bool_value() != verdict;
          if (!opposes) Descend(operand, verdict);
        }
        return;
      default:
        return Observe(id);
    }
  }

  std::vector<std::pair<std::string, std::string>> TakeObserved() { return std::move(observed_); }

 private:
  // A comparison is told by its sides, anything else by itself; both by the facts in them.
  void Observe(cel::NodeId id) {
    const cel::Node& node = expression_.ast().node(id);
    if (node.kind == cel::NodeKind::kCall && cel::IsComparison(node.function)) {
      for (const cel::NodeId side : node.children) ObserveFacts(side);
      for (const cel::NodeId side : node.children) Add(side);
      return;
    }
    ObserveFacts(id);
    Add(id);
  }

  void ObserveFacts(cel::NodeId id) {
    for (const cel::NodeId part : expression_.Reachable(id)) {
      const std::optional<cel::SlotId> slot = expression_.slot(part);
      if (slot.has_value() && static_cast<Fact>(*slot) != Fact::kNow) Add(part);
    }
  }

  void Add(cel::NodeId id) {
    const cel::Node& node = expression_.ast().node(id);
    if (node.kind == cel::NodeKind::kLiteral || node.kind == cel::NodeKind::kHas) return;
    const cel::Type& type = expression_.type(id);
    const cel::CheckedExpression::NodeInfo info{type, expression_.binding(id)};
    const bool is_word =
        type.is(cel::Type::Kind::kEnum) && info.binding.kind == cel::Binding::Kind::kConstant;
    if (is_word || TellsSecret(id)) return;
    const cel::Value value = program_.EvaluateNode(id, slots_, arena_);
    if (value.failed() && !value.absent() && !value.is(cel::ValueKind::kUnknown)) return;
    std::string text(expression_.ast().Text(id));
    const bool known = std::any_of(observed_.begin(), observed_.end(),
                                   [&](const auto& entry) { return entry.first == text; });
    if (!known) observed_.emplace_back(std::move(text), PlainText(value, type));
  }

  bool TellsSecret(cel::NodeId id) const {
    for (const cel::NodeId part : expression_.Reachable(id)) {
      const std::optional<cel::SlotId> slot = expression_.slot(part);
      if (slot.has_value() &&
          Describe(static_cast<Fact>(*slot)).recording == Recording::kWithheld) {
        return true;
      }
    }
    return false;
  }

  const cel::Program& program_;
  const cel::CheckedExpression& expression_;
  Slots slots_;
  cel::Arena& arena_;
  std::vector<std::pair<std::string, std::string>> observed_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> Blame(const Condition& condition, bool verdict,
                                                       Slots slots, cel::Arena& arena) {
  Blamer blamer(condition.program, slots, arena);
  blamer.Descend(condition.program.expression().ast().root(), verdict);
  return blamer.TakeObserved();
}

std::vector<Fact> MissingFacts(const Condition& condition, Slots slots) {
  std::vector<Fact> missing;
  for (const cel::SlotId slot : condition.program.expression().Slots()) {
    if (slots[slot].is(cel::ValueKind::kUnknown)) missing.push_back(static_cast<Fact>(slot));
  }
  return missing;
}

}  // namespace gatehouse::policy
