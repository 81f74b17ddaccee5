#include "policy/cel/cost.h"

#include <algorithm>
#include <limits>

namespace gatehouse::policy::cel {
namespace {

constexpr uint64_t kEndless = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kBytesPerStep = 16;
// What a number, timestamp or duration is at most as text.
constexpr uint64_t kConvertedBytes = 64;

uint64_t Sum(uint64_t left, uint64_t right) {
  uint64_t sum;
  return __builtin_add_overflow(left, right, &sum) ? kEndless : sum;
}

uint64_t Product(uint64_t left, uint64_t right) {
  uint64_t product;
  return __builtin_mul_overflow(left, right, &product) ? kEndless : product;
}

// How large a value may be.
struct Extent {
  uint64_t elements = 0;  // of the largest list or map in it
  uint64_t bytes = 0;     // of the longest string in it
  uint64_t volume = 1;    // steps to look at all of it
};

uint64_t StepsForBytes(uint64_t bytes) { return 1 + bytes / kBytesPerStep; }

Extent Larger(const Extent& left, const Extent& right) {
  return {std::max(left.elements, right.elements), std::max(left.bytes, right.bytes),
          std::max(left.volume, right.volume)};
}

// Of a value of a declared type whose lists and strings keep within the bounds.
uint64_t VolumeOf(const Type& type, uint64_t elements, uint64_t bytes) {
  switch (type.kind()) {
    case Type::Kind::kString:
    case Type::Kind::kBytes:
    case Type::Kind::kType:
      return StepsForBytes(bytes);
    case Type::Kind::kList:
      return Sum(1, Product(elements, VolumeOf(type.element(), elements, bytes)));
    case Type::Kind::kMap:
      return Sum(1, Product(elements, Sum(VolumeOf(type.key(), elements, bytes),
                                          VolumeOf(type.value(), elements, bytes))));
    case Type::Kind::kRecord: {
      uint64_t volume = 1;
      for (const RecordType::Field& field : type.record_type().fields) {
        volume = Sum(volume, VolumeOf(field.type, elements, bytes));
      }
      return volume;
    }
    case Type::Kind::kDyn:
    case Type::Kind::kParameter:
      return Sum(1, Product(elements, StepsForBytes(bytes)));
    default:
      return 1;
  }
}

Extent ExtentOf(const Value& value) {
  Extent extent;
  const auto include = [&extent](const Value& part) {
    const Extent inner = ExtentOf(part);
    extent.elements = std::max(extent.elements, inner.elements);
    extent.bytes = std::max(extent.bytes, inner.bytes);
    extent.volume = Sum(extent.volume, inner.volume);
  };
  switch (value.kind()) {
    case ValueKind::kString:
      extent.bytes = value.string_value().size();
      extent.volume = StepsForBytes(extent.bytes);
      break;
    case ValueKind::kBytes:
      extent.bytes = value.bytes_value().size();
      extent.volume = StepsForBytes(extent.bytes);
      break;
    case ValueKind::kList:
      extent.elements = value.list_value().size();
      for (const Value& element : value.list_value()) include(element);
      break;
    case ValueKind::kMap:
      extent.elements = value.map_value().size();
      for (const MapEntry& entry : value.map_value()) {
        include(entry.key);
        include(entry.value);
      }
      break;
    default:
      break;
  }
  return extent;
}

class Estimator {
 public:
  Estimator(const Ast& ast, const std::vector<CheckedExpression::NodeInfo>& infos,
            const Environment& environment)
      : ast_(ast), infos_(infos), environment_(environment) {}

  CostEstimate Run() {
    const uint64_t steps = Visit(ast_.root()).steps;
    return {steps, steps == kEndless ? unbounded_ : kNoNode};
  }

 private:
  struct Estimate {
    uint64_t steps = 1;
    Extent extent;
  };

  Estimate Visit(NodeId id);
  Extent VariableExtent(NodeId id, SlotId slot);
  Estimate VisitCall(NodeId id, const Node& node);
  Estimate VisitAggregate(const Node& node);
  Estimate VisitComprehension(NodeId id, const Node& node);

  // A part of a value whose own type is known is no larger than its type allows.
  Extent Narrow(NodeId id, Extent whole) const {
    const Type& type = infos_[id].type;
    if (type.is(Type::Kind::kDyn)) return whole;
    whole.volume = std::min(whole.volume, VolumeOf(type, whole.elements, whole.bytes));
    return whole;
  }

  const Ast& ast_;
  const std::vector<CheckedExpression::NodeInfo>& infos_;
  const Environment& environment_;
  std::vector<Extent> locals_;  // by place in the frame
  NodeId unbounded_ = kNoNode;
};

Estimator::Estimate Estimator::Visit(NodeId id) {
  const Node& node = ast_.node(id);
  const Binding& binding = infos_[id].binding;
  switch (binding.kind) {
    case Binding::Kind::kSlot:
      return {1, VariableExtent(id, binding.index)};
    case Binding::Kind::kConstant:
      return {1, ExtentOf(binding.value)};
    case Binding::Kind::kLocal:
      return {1, Narrow(id, locals_[binding.index])};
    default:
      break;
  }
  switch (node.kind) {
    case NodeKind::kSelect:
    case NodeKind::kHas: {
      const Estimate operand = Visit(node.children[0]);
      const uint64_t look_up = Sum(1, StepsForBytes(node.name.size()));
      return {Sum(operand.steps, look_up), Narrow(id, operand.extent)};
    }
    case NodeKind::kCall:
      return VisitCall(id, node);
    case NodeKind::kList:
    case NodeKind::kMap:
      return VisitAggregate(node);
    case NodeKind::kComprehension:
      return VisitComprehension(id, node);
    default:
      return {};
  }
}

// Numbers and the like are bounded whatever the declaration says.
Extent Estimator::VariableExtent(NodeId id, SlotId slot) {
  const Environment::Variable& variable = environment_.variables()[slot];
  const uint64_t elements = variable.bound.elements == 0 ? kEndless : variable.bound.elements;
  const uint64_t bytes = variable.bound.bytes == 0 ? kEndless : variable.bound.bytes;
  const uint64_t volume = VolumeOf(variable.type, elements, bytes);
  const bool promised = variable.bound.elements != 0 && variable.bound.bytes != 0;
  if (!promised && unbounded_ == kNoNode) unbounded_ = id;
  return {elements, bytes, volume};
}

Estimator::Estimate Estimator::VisitCall(NodeId id, const Node& node) {
  Estimate result;
  Extent largest;
  Extent added = {0, 0, 0};
  for (const NodeId child : node.children) {
    const Estimate operand = Visit(child);
    result.steps = Sum(result.steps, operand.steps);
    largest = Larger(largest, operand.extent);
    added.elements = Sum(added.elements, operand.extent.elements);
    added.bytes = Sum(added.bytes, operand.extent.bytes);
    added.volume = Sum(added.volume, operand.extent.volume);
  }
  switch (node.function) {
    case Function::kAnd:
    case Function::kOr:
    case Function::kNot:
      break;
    case Function::kSize:
      result.steps = Sum(result.steps, StepsForBytes(added.bytes));
      break;
    case Function::kConditional:
    case Function::kDyn:
    case Function::kIndex:
      result.extent = Narrow(id, largest);
      break;
    case Function::kAdd:
      result.extent = Narrow(id, added);
      result.steps = Sum(result.steps, result.extent.volume);
      break;
    case Function::kMatches:
    case Function::kContains:
      result.steps = Sum(result.steps, Product(StepsForBytes(added.bytes), kBytesPerStep));
      break;
    default:  // comparisons, memberships and conversions look at everything once
      result.steps = Sum(result.steps, added.volume);
      result.extent.bytes = std::max(added.bytes, kConvertedBytes);
      result.extent = Narrow(id, result.extent);
      break;
  }
  return result;
}

Estimator::Estimate Estimator::VisitAggregate(const Node& node) {
  Estimate result;
  for (const NodeId child : node.children) {
    const Estimate element = Visit(child);
    result.steps = Sum(result.steps, Sum(1, element.steps));
    result.extent.elements = std::max(result.extent.elements, element.extent.elements);
    result.extent.bytes = std::max(result.extent.bytes, element.extent.bytes);
    result.extent.volume = Sum(result.extent.volume, element.extent.volume);
  }
  result.extent.elements = std::max<uint64_t>(result.extent.elements, node.children.size());
  return result;
}

Estimator::Estimate Estimator::VisitComprehension(NodeId id, const Node& node) {
  const Estimate range = Visit(node.range_node());
  const uint64_t times = range.extent.elements;
  const size_t first_local = locals_.size();
  locals_.resize(first_local + 2, range.extent);
  Estimate body;
  Estimate transform;
  if (node.predicate() != kNoNode) body = Visit(node.predicate());
  if (node.transform() != kNoNode) {
    transform = Visit(node.transform());
    body.steps = Sum(body.steps, transform.steps);
  }
  locals_.resize(first_local);
  Estimate result;
  result.steps = Sum(range.steps, Product(times, Sum(1, body.steps)));
  result.extent = Larger(range.extent, transform.extent);
  result.extent.volume = Sum(range.extent.volume, Product(times, transform.extent.volume));
  result.extent = Narrow(id, result.extent);
  if (node.macro == Macro::kTransformMap) {
    result.steps = Sum(result.steps, result.extent.volume);
  }
  return result;
}

}  // namespace

CostEstimate EstimateCost(const Ast& ast, const std::vector<CheckedExpression::NodeInfo>& infos,
                          const Environment& environment) {
  return Estimator(ast, infos, environment).Run();
}

}  // namespace gatehouse::policy::cel
