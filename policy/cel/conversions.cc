// Conversions between types, type() and dyn(). What does not fit is an error, never another number.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>
#include <variant>

#include "absl/strings/charconv.h"
#include "absl/strings/str_cat.h"

#include "policy/cel/number_text.h"
#include "policy/cel/overload.h"
#include "policy/cel/time_range.h"
#include "policy/cel/time_text.h"
#include "policy/cel/utf8.h"

namespace gatehouse::policy::cel {
namespace {

Value Same(const Call& /*call*/, const Value& value) { return value; }

// Whole, in full, and in range; a sign only where Number has one.
template <typename Number>
std::variant<Number, ErrorCode> ParseWhole(absl::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec == std::errc::result_out_of_range) return ErrorCode::kRange;
  if (result.ec != std::errc() || result.ptr != end) return ErrorCode::kConversion;
  return number;
}

Value IntOfUint(const Call& call, const Value& value) {
  if (value.uint_value() > INT64_MAX) return call.Fail(ErrorCode::kRange);
  return Value::Int(static_cast<int64_t>(value.uint_value()));
}

// The bounds themselves are out: as doubles they stand for numbers around them too.
Value IntOfDouble(const Call& call, const Value& value) {
  const double number = value.double_value();
  if (!(number > -0x1p63 && number < 0x1p63)) return call.Fail(ErrorCode::kRange);
  return Value::Int(static_cast<int64_t>(number));
}

Value IntOfString(const Call& call, const Value& value) {
  const auto number = ParseWhole<int64_t>(value.string_value());
  if (const ErrorCode* error = std::get_if<ErrorCode>(&number)) return call.Fail(*error);
  return Value::Int(std::get<int64_t>(number));
}

Value IntOfTimestamp(const Call& /*call*/, const Value& value) {
  return Value::Int(value.timestamp_seconds());
}

Value UintOfInt(const Call& call, const Value& value) {
  if (value.int_value() < 0) return call.Fail(ErrorCode::kRange);
  return Value::Uint(static_cast<uint64_t>(value.int_value()));
}

Value UintOfDouble(const Call& call, const Value& value) {
  const double number = value.double_value();
  if (!(number >= 0 && number < 0x1p64)) return call.Fail(ErrorCode::kRange);
  return Value::Uint(static_cast<uint64_t>(number));
}

Value UintOfString(const Call& call, const Value& value) {
  const auto number = ParseWhole<uint64_t>(value.string_value());
  if (const ErrorCode* error = std::get_if<ErrorCode>(&number)) return call.Fail(*error);
  return Value::Uint(std::get<uint64_t>(number));
}

Value DoubleOfInt(const Call& /*call*/, const Value& value) {
  return Value::Double(static_cast<double>(value.int_value()));
}

Value DoubleOfUint(const Call& /*call*/, const Value& value) {
  return Value::Double(static_cast<double>(value.uint_value()));
}

Value DoubleOfString(const Call& call, const Value& value) {
  const absl::string_view text = value.string_value();
  double number = 0;
  const auto result = absl::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc::invalid_argument || result.ptr != text.data() + text.size()) {
    return call.Fail(ErrorCode::kConversion);
  }
  if (result.ec == std::errc::result_out_of_range && std::abs(number) > 1) {
    return call.Fail(ErrorCode::kRange);
  }
  return Value::Double(number);
}

Value StringOfInt(const Call& call, const Value& value) {
  return Value::String(call.arena().CopyString(absl::AlphaNum(value.int_value()).Piece()));
}

Value StringOfUint(const Call& call, const Value& value) {
  return Value::String(call.arena().CopyString(absl::AlphaNum(value.uint_value()).Piece()));
}

Value StringOfDouble(const Call& call, const Value& value) {
  return Value::String(call.arena().CopyString(DoubleText(value.double_value())));
}

Value StringOfBool(const Call& /*call*/, const Value& value) {
  return Value::String(value.bool_value() ? "true" : "false");
}

Value StringOfBytes(const Call& call, const Value& value) {
  if (!IsValidUtf8(value.bytes_value())) return call.Fail(ErrorCode::kInvalidUtf8);
  return Value::String(value.bytes_value());
}

Value StringOfTimestamp(const Call& call, const Value& value) {
  return Value::String(call.arena().CopyString(TimestampText(value)));
}

Value StringOfDuration(const Call& call, const Value& value) {
  return Value::String(call.arena().CopyString(DurationSecondsText(value)));
}

Value BytesOfString(const Call& /*call*/, const Value& value) {
  return Value::Bytes(value.string_value());
}

Value BoolOfString(const Call& call, const Value& value) {
  const absl::string_view text = value.string_value();
  for (const absl::string_view yes : {"1", "t", "true", "TRUE", "True", "T"}) {
    if (text == yes) return Value::Bool(true);
  }
  for (const absl::string_view no : {"0", "f", "false", "FALSE", "False", "F"}) {
    if (text == no) return Value::Bool(false);
  }
  return call.Fail(ErrorCode::kConversion);
}

Value TimestampOfInt(const Call& call, const Value& value) {
  const int64_t seconds = value.int_value();
  if (seconds < kFirstSecond || seconds > kLastSecond) return call.Fail(ErrorCode::kRange);
  return Value::Timestamp(seconds, 0);
}

Value TimestampOfString(const Call& call, const Value& value) {
  const auto parsed = ParseTimestamp(value.string_value());
  if (const ErrorCode* error = std::get_if<ErrorCode>(&parsed)) return call.Fail(*error);
  return std::get<Value>(parsed);
}

Value DurationOfString(const Call& call, const Value& value) {
  const auto parsed = ParseDuration(value.string_value());
  if (const ErrorCode* error = std::get_if<ErrorCode>(&parsed)) return call.Fail(*error);
  return std::get<Value>(parsed);
}

Value TypeOfAny(const Call& /*call*/, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return Value::Type(Type::Null().RuntimeName());
    case ValueKind::kTimestamp:
      return Value::Type(Type::Timestamp().RuntimeName());
    case ValueKind::kDuration:
      return Value::Type(Type::Duration().RuntimeName());
    default:
      return Value::Type(KindName(value.kind()));
  }
}

}  // namespace

void AddConversions(std::vector<Overload>& overloads) {
  const Type any = Type::Parameter(0);
  const auto add = [&]<auto kImplementation>(Function function, const Type& from, const Type& to) {
    overloads.push_back(UnaryOverload<kImplementation>(function, from, to));
  };
  add.operator()<&Same>(Function::kInt, Type::Int(), Type::Int());
  add.operator()<&IntOfUint>(Function::kInt, Type::Uint(), Type::Int());
  add.operator()<&IntOfDouble>(Function::kInt, Type::Double(), Type::Int());
  add.operator()<&IntOfString>(Function::kInt, Type::String(), Type::Int());
  add.operator()<&IntOfTimestamp>(Function::kInt, Type::Timestamp(), Type::Int());
  add.operator()<&Same>(Function::kUint, Type::Uint(), Type::Uint());
  add.operator()<&UintOfInt>(Function::kUint, Type::Int(), Type::Uint());
  add.operator()<&UintOfDouble>(Function::kUint, Type::Double(), Type::Uint());
  add.operator()<&UintOfString>(Function::kUint, Type::String(), Type::Uint());
  add.operator()<&Same>(Function::kDouble, Type::Double(), Type::Double());
  add.operator()<&DoubleOfInt>(Function::kDouble, Type::Int(), Type::Double());
  add.operator()<&DoubleOfUint>(Function::kDouble, Type::Uint(), Type::Double());
  add.operator()<&DoubleOfString>(Function::kDouble, Type::String(), Type::Double());
  add.operator()<&Same>(Function::kString, Type::String(), Type::String());
  add.operator()<&StringOfInt>(Function::kString, Type::Int(), Type::String());
  add.operator()<&StringOfUint>(Function::kString, Type::Uint(), Type::String());
  add.operator()<&StringOfDouble>(Function::kString, Type::Double(), Type::String());
  add.operator()<&StringOfBool>(Function::kString, Type::Bool(), Type::String());
  add.operator()<&StringOfBytes>(Function::kString, Type::Bytes(), Type::String());
  add.operator()<&StringOfTimestamp>(Function::kString, Type::Timestamp(), Type::String());
  add.operator()<&StringOfDuration>(Function::kString, Type::Duration(), Type::String());
  add.operator()<&Same>(Function::kBytes, Type::Bytes(), Type::Bytes());
  add.operator()<&BytesOfString>(Function::kBytes, Type::String(), Type::Bytes());
  add.operator()<&Same>(Function::kBool, Type::Bool(), Type::Bool());
  add.operator()<&BoolOfString>(Function::kBool, Type::String(), Type::Bool());
  add.operator()<&Same>(Function::kTimestamp, Type::Timestamp(), Type::Timestamp());
  add.operator()<&TimestampOfInt>(Function::kTimestamp, Type::Int(), Type::Timestamp());
  add.operator()<&TimestampOfString>(Function::kTimestamp, Type::String(), Type::Timestamp());
  add.operator()<&Same>(Function::kDuration, Type::Duration(), Type::Duration());
  add.operator()<&DurationOfString>(Function::kDuration, Type::String(), Type::Duration());
  add.operator()<&Same>(Function::kDyn, any, Type::Dyn());
  add.operator()<&TypeOfAny>(Function::kType, any, Type::TypeOf(any));
}

}  // namespace gatehouse::policy::cel
