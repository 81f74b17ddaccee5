#include "policy/cel/overload.h"

#include <algorithm>
#include <cstddef>

namespace gatehouse::policy::cel {
namespace {

constexpr size_t kMostArguments = 2;

// Sorted by function; within one, in order of declaration.
std::vector<Overload> MakeTable() {
  std::vector<Overload> table;
  AddArithmetic(table);
  AddComparisons(table);
  AddContainers(table);
  AddConversions(table);
  AddStrings(table);
  AddTime(table);
  std::stable_sort(table.begin(), table.end(),
                   [](const Overload& a, const Overload& b) { return a.function < b.function; });
  return table;
}

bool Accepts(const Type& type, const Value& value) {
  switch (type.kind()) {
    case Type::Kind::kDyn:
    case Type::Kind::kParameter:
      return true;
    case Type::Kind::kNull:
      return value.is(ValueKind::kNull);
    case Type::Kind::kBool:
      return value.is(ValueKind::kBool);
    case Type::Kind::kInt:
    case Type::Kind::kEnum:
      return value.is(ValueKind::kInt);
    case Type::Kind::kUint:
      return value.is(ValueKind::kUint);
    case Type::Kind::kDouble:
      return value.is(ValueKind::kDouble);
    case Type::Kind::kString:
      return value.is(ValueKind::kString);
    case Type::Kind::kBytes:
      return value.is(ValueKind::kBytes);
    case Type::Kind::kTimestamp:
      return value.is(ValueKind::kTimestamp);
    case Type::Kind::kDuration:
      return value.is(ValueKind::kDuration);
    case Type::Kind::kList:
      return value.is(ValueKind::kList);
    case Type::Kind::kMap:
      return value.is(ValueKind::kMap);
    case Type::Kind::kType:
      return value.is(ValueKind::kType);
    case Type::Kind::kRecord:
      return value.is(ValueKind::kRecord);
  }
  return false;
}

}  // namespace

absl::Span<const Overload> OverloadsOf(Function function) {
  static const auto* const table = new std::vector<Overload>(MakeTable());
  const auto before = [](const Overload& overload, Function sought) {
    return overload.function < sought;
  };
  const auto after = [](Function sought, const Overload& overload) {
    return sought < overload.function;
  };
  const auto begin = std::lower_bound(table->begin(), table->end(), function, before);
  const auto end = std::upper_bound(begin, table->end(), function, after);
  return absl::MakeConstSpan(table->data() + (begin - table->begin()),
                             static_cast<size_t>(end - begin));
}

Value EvaluateDynamicCall(const PlanNode& node, Frame& frame) {
  const Call call{node, frame};
  const size_t count = node.children.size();
  if (count > kMostArguments) return call.Fail(ErrorCode::kNoOverload);
  std::array<Value, kMostArguments> arguments;
  for (size_t i = 0; i < count; ++i) {
    arguments[i] = Evaluate(*node.children[i], frame);
    if (arguments[i].failed()) return arguments[i];
  }
  for (const Overload& overload : OverloadsOf(node.function)) {
    if (overload.receiver == node.receiver && overload.parameters.size() == count &&
        std::equal(overload.parameters.begin(), overload.parameters.end(), arguments.begin(),
                   Accepts)) {
      return overload.apply(call, arguments.data());
    }
  }
  return call.Fail(ErrorCode::kNoOverload);
}

}  // namespace gatehouse::policy::cel
