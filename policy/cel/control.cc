#include "policy/cel/control.h"

#include <algorithm>

namespace gatehouse::policy::cel {
namespace {

Value Fail(const PlanNode& node, ErrorCode code) { return Value::Error(code, node.id); }

// Of two operands that do not decide: unknown outweighs error, for to know would help; of two alike
// the first.
Value Worse(const Value& left, const Value& right) {
  if (left.ok()) return right;
  return left.is(ValueKind::kError) && right.is(ValueKind::kUnknown) ? right : left;
}

// && and ||: `kDecisive` decides whatever the others are, even failures.
template <bool kDecisive>
Value EvaluateLogic(const PlanNode& node, Frame& frame) {
  Value result = Value::Bool(!kDecisive);
  for (const PlanNode* child : node.children) {
    const Value operand = Evaluate(*child, frame);
    if (ABSL_PREDICT_TRUE(operand.is(ValueKind::kBool))) {
      if (operand.bool_value() == kDecisive) return operand;
    } else {
      result = Worse(result, operand.failed() ? operand : Fail(node, ErrorCode::kNoOverload));
    }
  }
  return result;
}

}  // namespace

Value NameFailure(const PlanNode& node, const Value& failure) {
  if (failure.is(ValueKind::kUnknown)) {
    return failure.unknown_fact().has_value() ? failure : Value::Unknown(node.index);
  }
  return failure.error_node() == kNoNode ? Fail(node, failure.error_code()) : failure;
}

Value EvaluateSlot(const PlanNode& node, Frame& frame) { return ReadSlot(node, frame); }

Value EvaluateConstant(const PlanNode& node, Frame& /*frame*/) { return node.constant; }

Value EvaluateLocal(const PlanNode& node, Frame& frame) { return frame.locals[node.index]; }

Value EvaluateUndeclared(const PlanNode& node, Frame& /*frame*/) {
  return Fail(node, ErrorCode::kUndeclared);
}

Value EvaluateAnd(const PlanNode& node, Frame& frame) { return EvaluateLogic<false>(node, frame); }

Value EvaluateOr(const PlanNode& node, Frame& frame) { return EvaluateLogic<true>(node, frame); }

Value EvaluateNot(const PlanNode& node, Frame& frame) {
  const Value operand = Evaluate(*node.children[0], frame);
  if (operand.is(ValueKind::kBool)) return Value::Bool(!operand.bool_value());
  return operand.failed() ? operand : Fail(node, ErrorCode::kNoOverload);
}

Value EvaluateConditional(const PlanNode& node, Frame& frame) {
  const Value condition = Evaluate(*node.children[0], frame);
  if (condition.is(ValueKind::kBool)) {
    return Evaluate(*node.children[condition.bool_value() ? 1 : 2], frame);
  }
  return condition.failed() ? condition : Fail(node, ErrorCode::kNoOverload);
}

Value EvaluateList(const PlanNode& node, Frame& frame) {
  const absl::Span<Value> elements = frame.arena->AllocateArray<Value>(node.children.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    elements[i] = Evaluate(*node.children[i], frame);
    if (elements[i].failed()) return elements[i];
  }
  return Value::List(elements);
}

Value EvaluateMap(const PlanNode& node, Frame& frame) {
  const absl::Span<MapEntry> entries =
      frame.arena->AllocateArray<MapEntry>(node.children.size() / 2);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].key = Evaluate(*node.children[2 * i], frame);
    if (entries[i].key.failed()) return entries[i].key;
    entries[i].value = Evaluate(*node.children[2 * i + 1], frame);
    if (entries[i].value.failed()) return entries[i].value;
  }
  if (const std::optional<ErrorCode> error = SortMapEntries(entries)) return Fail(node, *error);
  return Value::Map(entries);
}

Value EvaluateField(const PlanNode& node, Frame& frame) {
  const Value record = Evaluate(*node.children[0], frame);
  if (ABSL_PREDICT_FALSE(record.failed())) return record;
  const Value field = record.record_value()[node.index];
  if (ABSL_PREDICT_TRUE(field.ok())) return field;
  if (field.absent() && field.error_node() == kNoNode) return Fail(node, ErrorCode::kAbsent);
  return field;
}

Value EvaluateHasField(const PlanNode& node, Frame& frame) {
  const Value record = Evaluate(*node.children[0], frame);
  if (record.failed()) return record;
  const Value& field = record.record_value()[node.index];
  if (field.failed() && !field.absent()) return field;
  return Value::Bool(field.ok());
}

Value EvaluateKey(const PlanNode& node, Frame& frame) {
  const Value map = Evaluate(*node.children[0], frame);
  if (map.failed()) return map;
  if (!map.is(ValueKind::kMap)) return Fail(node, ErrorCode::kNoSuchField);
  const Value* const found = FindInMap(map.map_value(), node.constant);
  return found == nullptr ? Fail(node, ErrorCode::kNoSuchKey) : *found;
}

Value EvaluateHasKey(const PlanNode& node, Frame& frame) {
  const Value map = Evaluate(*node.children[0], frame);
  if (map.failed()) return map;
  if (!map.is(ValueKind::kMap)) return Fail(node, ErrorCode::kNoSuchField);
  return Value::Bool(FindInMap(map.map_value(), node.constant) != nullptr);
}

Value EvaluateHasSlot(const PlanNode& node, Frame& frame) {
  const Value& fact = frame.slots[node.index];
  if (fact.ok()) return Value::Bool(true);
  return fact.absent() ? Value::Bool(false) : NameFailure(node, fact);
}

namespace {

// Calls `visit` for each element of a list or entry of a map, with the variables set, until it
// answers false. A failure if `range` is neither.
template <bool kTwoVariables, typename Visit>
Value ForEach(const PlanNode& node, Frame& frame, const Value& range, const Visit& visit) {
  Value* const variables = frame.locals + node.index;
  if (range.is(ValueKind::kList)) {
    const absl::Span<const Value> elements = range.list_value();
    for (size_t i = 0; i < elements.size(); ++i) {
      variables[0] = kTwoVariables ? Value::Int(static_cast<int64_t>(i)) : elements[i];
      if (kTwoVariables) variables[1] = elements[i];
      if (!visit()) break;
    }
    return Value::Null();
  }
  if (range.is(ValueKind::kMap)) {
    for (const MapEntry& entry : range.map_value()) {
      variables[0] = entry.key;
      if (kTwoVariables) variables[1] = entry.value;
      if (!visit()) break;
    }
    return Value::Null();
  }
  return range.failed() ? range : Fail(node, ErrorCode::kNoOverload);
}

size_t SizeOf(const Value& range) {
  if (range.is(ValueKind::kList)) return range.list_value().size();
  return range.is(ValueKind::kMap) ? range.map_value().size() : 0;
}

// all() and exists(): && and || over the range, with the same absorption of failures.
template <bool kTwoVariables, bool kDecisive>
Value EvaluateQuantifier(const PlanNode& node, Frame& frame) {
  const Value range = Evaluate(*node.children[0], frame);
  Value result = Value::Bool(!kDecisive);
  const Value failure = ForEach<kTwoVariables>(node, frame, range, [&] {
    const Value holds = Evaluate(*node.children[1], frame);
    if (ABSL_PREDICT_TRUE(holds.is(ValueKind::kBool))) {
      if (holds.bool_value() != kDecisive) return true;
      result = holds;
      return false;
    }
    result = Worse(result, holds.failed() ? holds : Fail(node, ErrorCode::kNoOverload));
    return true;
  });
  return failure.failed() ? failure : result;
}

template <bool kTwoVariables>
Value EvaluateExistsOne(const PlanNode& node, Frame& frame) {
  const Value range = Evaluate(*node.children[0], frame);
  uint64_t count = 0;
  Value broken = Value::Null();
  const Value failure = ForEach<kTwoVariables>(node, frame, range, [&] {
    const Value holds = Evaluate(*node.children[1], frame);
    if (holds.is(ValueKind::kBool)) {
      count += holds.bool_value() ? 1 : 0;
      return true;
    }
    broken = holds.failed() ? holds : Fail(node, ErrorCode::kNoOverload);
    return false;
  });
  if (failure.failed()) return failure;
  return broken.failed() ? broken : Value::Bool(count == 1);
}

// Calls `collect` where the predicate, if there is one, holds; stops at the first failure of either
// and answers it.
template <bool kTwoVariables, bool kPredicate, typename Collect>
Value CollectEach(const PlanNode& node, Frame& frame, const Value& range, const Collect& collect) {
  Value broken = Value::Null();
  const Value failure = ForEach<kTwoVariables>(node, frame, range, [&] {
    if constexpr (kPredicate) {
      const Value holds = Evaluate(*node.children[1], frame);
      if (!holds.is(ValueKind::kBool)) {
        broken = holds.failed() ? holds : Fail(node, ErrorCode::kNoOverload);
        return false;
      }
      if (!holds.bool_value()) return true;
    }
    broken = collect();
    return broken.ok();
  });
  return failure.failed() ? failure : broken;
}

Value EvaluateFilter(const PlanNode& node, Frame& frame) {
  const Value range = Evaluate(*node.children[0], frame);
  const absl::Span<Value> elements = frame.arena->AllocateArray<Value>(SizeOf(range));
  size_t count = 0;
  const Value outcome = CollectEach<false, true>(node, frame, range, [&] {
    elements[count++] = frame.locals[node.index];
    return Value::Null();
  });
  return outcome.failed() ? outcome : Value::List(elements.first(count));
}

template <bool kTwoVariables, bool kPredicate>
Value EvaluateTransformList(const PlanNode& node, Frame& frame) {
  const Value range = Evaluate(*node.children[0], frame);
  const absl::Span<Value> elements = frame.arena->AllocateArray<Value>(SizeOf(range));
  size_t count = 0;
  const Value outcome = CollectEach<kTwoVariables, kPredicate>(node, frame, range, [&] {
    elements[count] = Evaluate(*node.children.back(), frame);
    return elements[count++];
  });
  return outcome.failed() ? outcome : Value::List(elements.first(count));
}

// Keys keep their order, so the entries are sorted already.
template <bool kPredicate>
Value EvaluateTransformMap(const PlanNode& node, Frame& frame) {
  const Value range = Evaluate(*node.children[0], frame);
  const absl::Span<MapEntry> entries = frame.arena->AllocateArray<MapEntry>(SizeOf(range));
  size_t count = 0;
  const Value outcome = CollectEach<true, kPredicate>(node, frame, range, [&] {
    const Value key = frame.locals[node.index];
    entries[count] = {key, Evaluate(*node.children.back(), frame)};
    return entries[count++].value;
  });
  return outcome.failed() ? outcome : Value::Map(entries.first(count));
}

}  // namespace

EvaluateFunction ComprehensionEvaluator(const Node& node) {
  const bool two = !node.variables[1].empty();
  const bool predicate = node.predicate() != kNoNode;
  switch (node.macro) {
    case Macro::kAll:
      return two ? &EvaluateQuantifier<true, false> : &EvaluateQuantifier<false, false>;
    case Macro::kExists:
      return two ? &EvaluateQuantifier<true, true> : &EvaluateQuantifier<false, true>;
    case Macro::kExistsOne:
      return two ? &EvaluateExistsOne<true> : &EvaluateExistsOne<false>;
    case Macro::kFilter:
      return &EvaluateFilter;
    case Macro::kMap:
      return predicate ? &EvaluateTransformList<false, true> : &EvaluateTransformList<false, false>;
    case Macro::kTransformList:
      return predicate ? &EvaluateTransformList<true, true> : &EvaluateTransformList<true, false>;
    case Macro::kTransformMap:
      return predicate ? &EvaluateTransformMap<true> : &EvaluateTransformMap<false>;
  }
  return &EvaluateUndeclared;
}

}  // namespace gatehouse::policy::cel
