// Lists and maps: in, [], + and size.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "policy/cel/overload.h"

namespace gatehouse::policy::cel {
namespace {

Value InList(const Call& /*call*/, const Value& sought, const Value& list) {
  const absl::Span<const Value> elements = list.list_value();
  return Value::Bool(std::any_of(elements.begin(), elements.end(),
                                 [&](const Value& element) { return Equal(element, sought); }));
}

Value InMap(const Call& /*call*/, const Value& key, const Value& map) {
  return Value::Bool(FindInMap(map.map_value(), key) != nullptr);
}

Value ElementAt(const Call& call, const Value& list, const Value& index) {
  const absl::Span<const Value> elements = list.list_value();
  const int64_t place = index.int_value();
  if (place < 0 || static_cast<uint64_t>(place) >= elements.size()) {
    return call.Fail(ErrorCode::kIndex);
  }
  return elements[static_cast<size_t>(place)];
}

// A uint or a double that is a whole number is an index too.
Value ElementAtAny(const Call& call, const Value& list, const Value& index) {
  if (index.is(ValueKind::kUint) && index.uint_value() <= INT64_MAX) {
    return ElementAt(call, list, Value::Int(static_cast<int64_t>(index.uint_value())));
  }
  if (index.is(ValueKind::kDouble)) {
    const double place = index.double_value();
    if (place == std::trunc(place) && std::abs(place) < 1e15) {
      return ElementAt(call, list, Value::Int(static_cast<int64_t>(place)));
    }
  }
  return call.Fail(ErrorCode::kIndex);
}

Value ValueAt(const Call& call, const Value& map, const Value& key) {
  const Value* const found = FindInMap(map.map_value(), key);
  return found == nullptr ? call.Fail(ErrorCode::kNoSuchKey) : *found;
}

Value Concatenate(const Call& call, const Value& left, const Value& right) {
  const absl::Span<const Value> first = left.list_value();
  const absl::Span<const Value> second = right.list_value();
  if (first.empty()) return right;
  if (second.empty()) return left;
  absl::Span<Value> all = call.arena().AllocateArray<Value>(first.size() + second.size());
  std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), all.begin()));
  return Value::List(all);
}

Value SizeOfList(const Call& /*call*/, const Value& list) {
  return Value::Int(static_cast<int64_t>(list.list_value().size()));
}

Value SizeOfMap(const Call& /*call*/, const Value& map) {
  return Value::Int(static_cast<int64_t>(map.map_value().size()));
}

}  // namespace

void AddContainers(std::vector<Overload>& overloads) {
  const Type any = Type::Parameter(0);
  const Type list = Type::List(any);
  const Type map = Type::Map(any, Type::Parameter(1));
  const Overload size_of_list = UnaryOverload<&SizeOfList>(Function::kSize, list, Type::Int());
  const Overload size_of_map = UnaryOverload<&SizeOfMap>(Function::kSize, map, Type::Int());
  overloads.insert(
      overloads.end(),
      {BinaryOverload<&InList>(Function::kIn, any, list, Type::Bool()),
       BinaryOverload<&InMap>(Function::kIn, any, map, Type::Bool()),
       BinaryOverload<&ElementAt>(Function::kIndex, list, Type::Int(), any),
       BinaryOverload<&ValueAt>(Function::kIndex, map, any, Type::Parameter(1)),
       AtRuntimeOnly(BinaryOverload<&ElementAtAny>(Function::kIndex, list, Type::Dyn(), any)),
       BinaryOverload<&Concatenate>(Function::kAdd, list, list, list), size_of_list, size_of_map,
       AsReceiver(size_of_list), AsReceiver(size_of_map)});
}

}  // namespace gatehouse::policy::cel
