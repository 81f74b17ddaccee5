// Timestamps and durations: arithmetic within their ranges, and getters, by time zone where asked.
#include "absl/time/time.h"

#include <cstdint>

#include "absl/time/civil_time.h"

#include "policy/cel/overload.h"
#include "policy/cel/time_range.h"
#include "policy/cel/time_text.h"

namespace gatehouse::policy::cel {
namespace {

Value Shift(const Call& call, const Value& timestamp, int64_t seconds, int64_t nanoseconds) {
  int64_t second = timestamp.timestamp_seconds() + seconds;
  int64_t rest = int64_t{timestamp.timestamp_nanoseconds()} + nanoseconds;
  if (rest < 0) {
    rest += kNanosecondsPerSecond;
    --second;
  } else if (rest >= kNanosecondsPerSecond) {
    rest -= kNanosecondsPerSecond;
    ++second;
  }
  if (second < kFirstSecond || second > kLastSecond) return call.Fail(ErrorCode::kRange);
  return Value::Timestamp(second, static_cast<uint32_t>(rest));
}

Value Later(const Call& call, const Value& timestamp, const Value& duration) {
  const int64_t nanoseconds = duration.duration_nanoseconds();
  return Shift(call, timestamp, nanoseconds / kNanosecondsPerSecond,
               nanoseconds % kNanosecondsPerSecond);
}

Value LaterReversed(const Call& call, const Value& duration, const Value& timestamp) {
  return Later(call, timestamp, duration);
}

// Negating the parts, for the shortest duration has no counterpart.
Value Earlier(const Call& call, const Value& timestamp, const Value& duration) {
  const int64_t nanoseconds = duration.duration_nanoseconds();
  return Shift(call, timestamp, -(nanoseconds / kNanosecondsPerSecond),
               -(nanoseconds % kNanosecondsPerSecond));
}

Value Between(const Call& call, const Value& later, const Value& earlier) {
  const int64_t seconds = later.timestamp_seconds() - earlier.timestamp_seconds();
  const int64_t rest =
      int64_t{later.timestamp_nanoseconds()} - int64_t{earlier.timestamp_nanoseconds()};
  int64_t nanoseconds;
  if (__builtin_mul_overflow(seconds, kNanosecondsPerSecond, &nanoseconds) ||
      __builtin_add_overflow(nanoseconds, rest, &nanoseconds)) {
    return call.Fail(ErrorCode::kRange);
  }
  return Value::DurationNanoseconds(nanoseconds);
}

Value AddDurations(const Call& call, const Value& left, const Value& right) {
  int64_t sum;
  if (__builtin_add_overflow(left.duration_nanoseconds(), right.duration_nanoseconds(), &sum)) {
    return call.Fail(ErrorCode::kRange);
  }
  return Value::DurationNanoseconds(sum);
}

Value SubtractDurations(const Call& call, const Value& left, const Value& right) {
  int64_t difference;
  if (__builtin_sub_overflow(left.duration_nanoseconds(), right.duration_nanoseconds(),
                             &difference)) {
    return call.Fail(ErrorCode::kRange);
  }
  return Value::DurationNanoseconds(difference);
}

template <Function kFunction>
int64_t PartOf(const Value& timestamp, const absl::TimeZone& zone) {
  const absl::CivilSecond civil = absl::ToCivilSecond(timestamp.timestamp_value(), zone);
  switch (kFunction) {
    case Function::kGetFullYear:
      return civil.year();
    case Function::kGetMonth:
      return civil.month() - 1;
    case Function::kGetDate:
      return civil.day();
    case Function::kGetDayOfMonth:
      return civil.day() - 1;
    case Function::kGetDayOfYear:
      return absl::GetYearDay(absl::CivilDay(civil)) - 1;
    case Function::kGetDayOfWeek:
      return (static_cast<int>(absl::GetWeekday(civil)) + 1) % 7;  // Sunday is 0
    case Function::kGetHours:
      return civil.hour();
    case Function::kGetMinutes:
      return civil.minute();
    case Function::kGetSeconds:
      return civil.second();
    default:
      return timestamp.timestamp_nanoseconds() / 1'000'000;
  }
}

template <Function kFunction>
Value PartInUtc(const Call& /*call*/, const Value& timestamp) {
  return Value::Int(PartOf<kFunction>(timestamp, absl::UTCTimeZone()));
}

template <Function kFunction>
Value PartInZone(const Call& call, const Value& timestamp, const Value& zone) {
  if (call.node.zone != nullptr) {
    return Value::Int(PartOf<kFunction>(timestamp, *call.node.zone));
  }
  const std::optional<absl::TimeZone> parsed = ParseTimeZone(zone.string_value());
  if (!parsed.has_value()) return call.Fail(ErrorCode::kTimeZone);
  return Value::Int(PartOf<kFunction>(timestamp, *parsed));
}

// The whole duration in that unit, truncated.
template <int64_t kUnit>
Value DurationIn(const Call& /*call*/, const Value& duration) {
  return Value::Int(duration.duration_nanoseconds() / kUnit);
}

// Unlike the others only the part below a second, as the language defines it.
Value MillisecondsOfDuration(const Call& /*call*/, const Value& duration) {
  return Value::Int(duration.duration_nanoseconds() % kNanosecondsPerSecond / 1'000'000);
}

template <Function kFunction>
void AddPart(std::vector<Overload>& overloads) {
  const Type time = Type::Timestamp();
  overloads.push_back(
      AsReceiver(UnaryOverload<&PartInUtc<kFunction>>(kFunction, time, Type::Int())));
  overloads.push_back(AsReceiver(
      BinaryOverload<&PartInZone<kFunction>>(kFunction, time, Type::String(), Type::Int())));
}

}  // namespace

void AddTime(std::vector<Overload>& overloads) {
  const Type time = Type::Timestamp();
  const Type span = Type::Duration();
  const Type whole = Type::Int();
  overloads.insert(overloads.end(),
                   {BinaryOverload<&Later>(Function::kAdd, time, span, time),
                    BinaryOverload<&LaterReversed>(Function::kAdd, span, time, time),
                    BinaryOverload<&AddDurations>(Function::kAdd, span, span, span),
                    BinaryOverload<&Between>(Function::kSubtract, time, time, span),
                    BinaryOverload<&Earlier>(Function::kSubtract, time, span, time),
                    BinaryOverload<&SubtractDurations>(Function::kSubtract, span, span, span)});
  AddPart<Function::kGetFullYear>(overloads);
  AddPart<Function::kGetMonth>(overloads);
  AddPart<Function::kGetDate>(overloads);
  AddPart<Function::kGetDayOfMonth>(overloads);
  AddPart<Function::kGetDayOfYear>(overloads);
  AddPart<Function::kGetDayOfWeek>(overloads);
  AddPart<Function::kGetHours>(overloads);
  AddPart<Function::kGetMinutes>(overloads);
  AddPart<Function::kGetSeconds>(overloads);
  AddPart<Function::kGetMilliseconds>(overloads);
  constexpr int64_t kSecond = kNanosecondsPerSecond;
  overloads.insert(
      overloads.end(),
      {AsReceiver(UnaryOverload<&DurationIn<3600 * kSecond>>(Function::kGetHours, span, whole)),
       AsReceiver(UnaryOverload<&DurationIn<60 * kSecond>>(Function::kGetMinutes, span, whole)),
       AsReceiver(UnaryOverload<&DurationIn<kSecond>>(Function::kGetSeconds, span, whole)),
       AsReceiver(
           UnaryOverload<&MillisecondsOfDuration>(Function::kGetMilliseconds, span, whole))});
}

}  // namespace gatehouse::policy::cel
