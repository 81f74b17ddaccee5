// + - * / % and negation of numbers: whole numbers never wrap, doubles follow IEEE 754.
#include <cstdint>
#include <limits>

#include "policy/cel/overload.h"

namespace gatehouse::policy::cel {
namespace {

template <typename Integer>
Integer Get(const Value& value);
template <>
int64_t Get(const Value& value) {
  return value.int_value();
}
template <>
uint64_t Get(const Value& value) {
  return value.uint_value();
}
Value Make(int64_t number) { return Value::Int(number); }
Value Make(uint64_t number) { return Value::Uint(number); }

template <typename Integer>
Value Add(const Call& call, const Value& left, const Value& right) {
  Integer result;
  if (__builtin_add_overflow(Get<Integer>(left), Get<Integer>(right), &result)) {
    return call.Fail(ErrorCode::kOverflow);
  }
  return Make(result);
}

template <typename Integer>
Value Subtract(const Call& call, const Value& left, const Value& right) {
  Integer result;
  if (__builtin_sub_overflow(Get<Integer>(left), Get<Integer>(right), &result)) {
    return call.Fail(ErrorCode::kOverflow);
  }
  return Make(result);
}

template <typename Integer>
Value Multiply(const Call& call, const Value& left, const Value& right) {
  Integer result;
  if (__builtin_mul_overflow(Get<Integer>(left), Get<Integer>(right), &result)) {
    return call.Fail(ErrorCode::kOverflow);
  }
  return Make(result);
}

// The one quotient of ints that does not fit.
bool DivisionOverflows(int64_t left, int64_t right) {
  return left == std::numeric_limits<int64_t>::min() && right == -1;
}
bool DivisionOverflows(uint64_t /*left*/, uint64_t /*right*/) { return false; }

template <typename Integer>
Value Divide(const Call& call, const Value& left, const Value& right) {
  const Integer divisor = Get<Integer>(right);
  if (divisor == 0) return call.Fail(ErrorCode::kDivideByZero);
  if (DivisionOverflows(Get<Integer>(left), divisor)) return call.Fail(ErrorCode::kOverflow);
  return Make(Get<Integer>(left) / divisor);
}

template <typename Integer>
Value Modulo(const Call& call, const Value& left, const Value& right) {
  const Integer divisor = Get<Integer>(right);
  if (divisor == 0) return call.Fail(ErrorCode::kDivideByZero);
  if (DivisionOverflows(Get<Integer>(left), divisor)) return call.Fail(ErrorCode::kOverflow);
  return Make(Get<Integer>(left) % divisor);
}

Value NegateInt(const Call& call, const Value& operand) {
  if (operand.int_value() == std::numeric_limits<int64_t>::min()) {
    return call.Fail(ErrorCode::kOverflow);
  }
  return Value::Int(-operand.int_value());
}

Value NegateDouble(const Call& /*call*/, const Value& operand) {
  return Value::Double(-operand.double_value());
}

Value AddDoubles(const Call& /*call*/, const Value& left, const Value& right) {
  return Value::Double(left.double_value() + right.double_value());
}

Value SubtractDoubles(const Call& /*call*/, const Value& left, const Value& right) {
  return Value::Double(left.double_value() - right.double_value());
}

Value MultiplyDoubles(const Call& /*call*/, const Value& left, const Value& right) {
  return Value::Double(left.double_value() * right.double_value());
}

// IEEE 754 has an answer for a divisor of zero, which C++ leaves undefined only in theory.
Value DivideDoubles(const Call& /*call*/, const Value& left, const Value& right) {
  static_assert(std::numeric_limits<double>::is_iec559);
  return Value::Double(left.double_value() / right.double_value());
}

template <typename Integer>
void AddInteger(const Type& type, std::vector<Overload>& overloads) {
  overloads.insert(overloads.end(),
                   {BinaryOverload<&Add<Integer>>(Function::kAdd, type, type, type),
                    BinaryOverload<&Subtract<Integer>>(Function::kSubtract, type, type, type),
                    BinaryOverload<&Multiply<Integer>>(Function::kMultiply, type, type, type),
                    BinaryOverload<&Divide<Integer>>(Function::kDivide, type, type, type),
                    BinaryOverload<&Modulo<Integer>>(Function::kModulo, type, type, type)});
}

}  // namespace

void AddArithmetic(std::vector<Overload>& overloads) {
  const Type real = Type::Double();
  AddInteger<int64_t>(Type::Int(), overloads);
  AddInteger<uint64_t>(Type::Uint(), overloads);
  overloads.insert(overloads.end(),
                   {UnaryOverload<&NegateInt>(Function::kNegate, Type::Int(), Type::Int()),
                    UnaryOverload<&NegateDouble>(Function::kNegate, real, real),
                    BinaryOverload<&AddDoubles>(Function::kAdd, real, real, real),
                    BinaryOverload<&SubtractDoubles>(Function::kSubtract, real, real, real),
                    BinaryOverload<&MultiplyDoubles>(Function::kMultiply, real, real, real),
                    BinaryOverload<&DivideDoubles>(Function::kDivide, real, real, real)});
}

}  // namespace gatehouse::policy::cel
