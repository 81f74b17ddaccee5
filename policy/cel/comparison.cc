// Equality and order. Equality is of any two values; order is within one type, and between numbers.
#include <optional>

#include "policy/cel/overload.h"

namespace gatehouse::policy::cel {
namespace {

// How a function reads the outcome of a three-way comparison.
template <Function kFunction>
bool Reads(int sign) {
  switch (kFunction) {
    case Function::kLess:
      return sign < 0;
    case Function::kLessOrEqual:
      return sign <= 0;
    case Function::kGreater:
      return sign > 0;
    default:
      return sign >= 0;
  }
}

// NaN is neither less nor greater than anything, nor equal.
template <Function kFunction>
Value Order(const Call& /*call*/, const Value& left, const Value& right) {
  const std::optional<int> sign = Compare(left, right);
  return Value::Bool(sign.has_value() && Reads<kFunction>(*sign));
}

template <Function kFunction>
Value OrderInts(const Call& /*call*/, const Value& left, const Value& right) {
  const int64_t a = left.int_value();
  const int64_t b = right.int_value();
  return Value::Bool(Reads<kFunction>(a < b ? -1 : a > b));
}

template <Function kFunction>
Value OrderTimestamps(const Call& /*call*/, const Value& left, const Value& right) {
  const int64_t a = left.timestamp_seconds();
  const int64_t b = right.timestamp_seconds();
  if (a != b) return Value::Bool(Reads<kFunction>(a < b ? -1 : 1));
  const uint32_t c = left.timestamp_nanoseconds();
  const uint32_t d = right.timestamp_nanoseconds();
  return Value::Bool(Reads<kFunction>(c < d ? -1 : c > d));
}

template <Function kFunction>
Value OrderDurations(const Call& /*call*/, const Value& left, const Value& right) {
  const int64_t a = left.duration_nanoseconds();
  const int64_t b = right.duration_nanoseconds();
  return Value::Bool(Reads<kFunction>(a < b ? -1 : a > b));
}

template <bool kNegated>
Value Equality(const Call& /*call*/, const Value& left, const Value& right) {
  return Value::Bool(Equal(left, right) != kNegated);
}

template <bool kNegated>
Value EqualityOfInts(const Call& /*call*/, const Value& left, const Value& right) {
  return Value::Bool((left.int_value() == right.int_value()) != kNegated);
}

template <bool kNegated>
Value EqualityOfStrings(const Call& /*call*/, const Value& left, const Value& right) {
  return Value::Bool((left.string_value() == right.string_value()) != kNegated);
}

template <bool kNegated>
Value EqualityOfBools(const Call& /*call*/, const Value& left, const Value& right) {
  return Value::Bool((left.bool_value() == right.bool_value()) != kNegated);
}

template <bool kNegated>
EvaluateFunction EqualityOfSame(const Type& left, const Type& right) {
  if (left.is_integral() && right.is_integral()) {
    return &Binary<&EqualityOfInts<kNegated>>::Evaluate;
  }
  if (left.kind() != right.kind()) return nullptr;
  switch (left.kind()) {
    case Type::Kind::kString:
      return &Binary<&EqualityOfStrings<kNegated>>::Evaluate;
    case Type::Kind::kBool:
      return &Binary<&EqualityOfBools<kNegated>>::Evaluate;
    default:
      return nullptr;
  }
}

template <Function kFunction>
void AddOrder(std::vector<Overload>& overloads) {
  const Type result = Type::Bool();
  const auto add = [&]<auto kImplementation>(const Type& left, const Type& right) {
    overloads.push_back(BinaryOverload<kImplementation>(kFunction, left, right, result));
  };
  const auto add_same = [&]<auto kImplementation>(const Type& type) {
    add.template operator()<kImplementation>(type, type);
  };
  add_same.template operator()<&OrderInts<kFunction>>(Type::Int());
  add_same.template operator()<&OrderTimestamps<kFunction>>(Type::Timestamp());
  add_same.template operator()<&OrderDurations<kFunction>>(Type::Duration());
  for (const Type& type :
       {Type::Bool(), Type::Uint(), Type::Double(), Type::String(), Type::Bytes()}) {
    add_same.template operator()<&Order<kFunction>>(type);
  }
  const Type numbers[] = {Type::Int(), Type::Uint(), Type::Double()};
  for (const Type& left : numbers) {
    for (const Type& right : numbers) {
      if (!(left == right)) add.template operator()<&Order<kFunction>>(left, right);
    }
  }
}

}  // namespace

EvaluateFunction EqualityOf(Function function, const Type& left, const Type& right) {
  if (function == Function::kEqual) return EqualityOfSame<false>(left, right);
  if (function == Function::kNotEqual) return EqualityOfSame<true>(left, right);
  return nullptr;
}

void AddComparisons(std::vector<Overload>& overloads) {
  const Type any = Type::Parameter(0);
  overloads.push_back(BinaryOverload<&Equality<false>>(Function::kEqual, any, any, Type::Bool()));
  overloads.push_back(BinaryOverload<&Equality<true>>(Function::kNotEqual, any, any, Type::Bool()));
  AddOrder<Function::kLess>(overloads);
  AddOrder<Function::kLessOrEqual>(overloads);
  AddOrder<Function::kGreater>(overloads);
  AddOrder<Function::kGreaterOrEqual>(overloads);
}

}  // namespace gatehouse::policy::cel
