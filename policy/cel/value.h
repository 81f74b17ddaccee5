// One value of the expression language: a tag, up to 32 bits beside it, and 64 bits of payload.
//
// Sixteen bytes, trivially copyable, passed in registers. A value never owns memory: strings,
// bytes, lists, maps and records are views of memory that belongs to the host (facts), to a program
// (constants) or to an Arena (what evaluation made), and are valid as long as that is.
//
// A host hands over structured facts without allocating anything for the engine:
//
//   const Value role[] = {Value::Int(LOCAL_ADMIN), Value::String(organisation_id)};
//   const Value roles[] = {Value::Record(role), ...};
//   slots[kActorRoles] = Value::List(roles);
//
// A record is a span of its fields in the order of its RecordType (type.h), which the checker
// resolves names against, so no name is looked up during evaluation.
//
// Two kinds are not results but the lack of one, and both travel through strict functions:
//   unknown  a fact that could not be had. It is what a default Value is, so a slot that nobody
//            filled is never mistaken for an answer. Carries the slot of the fact (evaluation fills
//            that in when it reads a slot without one).
//   error    an evaluation that failed: a code and the id of the node of the expression. kAbsent is
//            the one that hosts use: a fact that is known not to be there. has(fact) is then false,
//            and reading it is an error.
//
// Timestamps are seconds and nanoseconds of the Unix epoch, between the years 1 and 9999. Durations
// are 64-bit nanoseconds (about 292 years each way). Immutable; safe to share between threads.
#ifndef GATEHOUSE_POLICY_CEL_VALUE_H_
#define GATEHOUSE_POLICY_CEL_VALUE_H_

#include <cassert>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "policy/cel/arena.h"

namespace gatehouse::policy::cel {

// The slot of a variable in an activation.
using SlotId = uint32_t;
// A node of an expression (ast.h).
using NodeId = uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

// The first two are failures (Value::failed()).
enum class ValueKind : uint8_t {
  kUnknown,
  kError,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kList,
  kMap,
  kRecord,
  kType,
};

enum class ErrorCode : uint32_t {
  kAbsent,        // the fact or field has no value
  kNoSuchKey,     // a map without that key
  kNoSuchField,   // something that has no such field, or no fields at all
  kIndex,         // a list index out of bounds
  kDivideByZero,  // also modulus by zero
  kOverflow,      // an arithmetic result out of its type's range
  kRange,         // a conversion whose result is out of range
  kConversion,    // text that does not read as the type asked for
  kInvalidUtf8,   // bytes that are not UTF-8
  kDuplicateKey,  // a map built with the same key twice
  kKeyType,       // a map key that is not bool, int, uint or string
  kNoOverload,    // operands of kinds that the function does not take (dynamic typing only)
  kUndeclared,    // a name or function that nobody declared (permissive checking only)
  kPattern,       // a regular expression that RE2 rejects
  kTimeZone,      // a time zone that is not known
};

// What went wrong, in words: "division by zero".
absl::string_view ErrorText(ErrorCode code);

class Value;
struct MapEntry;

// How a kind is called in messages: "int", "timestamp", "list".
absl::string_view KindName(ValueKind kind);

class Value {
 public:
  // Unknown, of no particular fact.
  constexpr Value() {}  // not defaulted, so that a const Value may be

  static constexpr Value Null() { return Value(ValueKind::kNull); }
  static constexpr Value Bool(bool value) {
    Value result(ValueKind::kBool);
    result.payload_.bits = value ? 1 : 0;
    return result;
  }
  static constexpr Value Int(int64_t value) {
    Value result(ValueKind::kInt);
    result.payload_.int_value = value;
    return result;
  }
  static constexpr Value Uint(uint64_t value) {
    Value result(ValueKind::kUint);
    result.payload_.bits = value;
    return result;
  }
  static constexpr Value Double(double value) {
    Value result(ValueKind::kDouble);
    result.payload_.double_value = value;
    return result;
  }
  // `text` is UTF-8, shorter than 4 GiB, and outlives the value.
  static constexpr Value String(absl::string_view text) {
    return Value(ValueKind::kString, text.data(), text.size());
  }
  static constexpr Value Bytes(absl::string_view bytes) {
    return Value(ValueKind::kBytes, bytes.data(), bytes.size());
  }
  static Value List(absl::Span<const Value> elements);
  // Fields in the order of their RecordType.
  static Value Record(absl::Span<const Value> fields);
  // Entries sorted by SortMapEntries, which also finds duplicate and unsuitable keys.
  static Value Map(absl::Span<const MapEntry> sorted_entries);
  // A type as a value; `name` as type() tells it ("int", "google.protobuf.Timestamp"), and static.
  static constexpr Value Type(absl::string_view name) {
    return Value(ValueKind::kType, name.data(), name.size());
  }
  // In range between the years 1 and 9999; beyond, the nearest instant in range.
  static Value Timestamp(absl::Time time);
  static constexpr Value Timestamp(int64_t seconds, uint32_t nanoseconds) {
    Value result(ValueKind::kTimestamp);
    result.payload_.int_value = seconds;
    result.extra_ = nanoseconds;
    return result;
  }
  // Beyond 64-bit nanoseconds, the nearest duration in range.
  static Value Duration(absl::Duration duration) {
    return DurationNanoseconds(absl::ToInt64Nanoseconds(duration));
  }
  static constexpr Value DurationNanoseconds(int64_t nanoseconds) {
    Value result(ValueKind::kDuration);
    result.payload_.int_value = nanoseconds;
    return result;
  }
  static constexpr Value Unknown(SlotId fact) {
    Value result(ValueKind::kUnknown);
    result.payload_.bits = uint64_t{fact} + 1;
    return result;
  }
  static constexpr Value Error(ErrorCode code, NodeId node = kNoNode) {
    Value result(ValueKind::kError);
    result.extra_ = static_cast<uint32_t>(code);
    result.payload_.bits = node;
    return result;
  }
  // A fact that is known not to be there.
  static constexpr Value Absent() { return Error(ErrorCode::kAbsent); }

  constexpr ValueKind kind() const { return kind_; }
  constexpr bool is(ValueKind kind) const { return kind_ == kind; }
  // Neither unknown nor an error.
  constexpr bool ok() const { return kind_ > ValueKind::kError; }
  constexpr bool failed() const { return kind_ <= ValueKind::kError; }
  constexpr bool absent() const {
    return kind_ == ValueKind::kError && extra_ == static_cast<uint32_t>(ErrorCode::kAbsent);
  }
  // The boolean true, and nothing else: what a condition must be to hold.
  constexpr bool holds() const { return kind_ == ValueKind::kBool && payload_.bits != 0; }

  // Each of these requires the kind that it is named after.
  constexpr bool bool_value() const { return Of(ValueKind::kBool).payload_.bits != 0; }
  constexpr int64_t int_value() const { return Of(ValueKind::kInt).payload_.int_value; }
  constexpr uint64_t uint_value() const { return Of(ValueKind::kUint).payload_.bits; }
  constexpr double double_value() const { return Of(ValueKind::kDouble).payload_.double_value; }
  absl::string_view string_value() const { return Of(ValueKind::kString).text(); }
  absl::string_view bytes_value() const { return Of(ValueKind::kBytes).text(); }
  absl::string_view type_value() const { return Of(ValueKind::kType).text(); }
  absl::Time timestamp_value() const {
    return absl::FromUnixSeconds(timestamp_seconds()) + absl::Nanoseconds(timestamp_nanoseconds());
  }
  constexpr int64_t timestamp_seconds() const {
    return Of(ValueKind::kTimestamp).payload_.int_value;
  }
  constexpr uint32_t timestamp_nanoseconds() const { return Of(ValueKind::kTimestamp).extra_; }
  absl::Duration duration_value() const { return absl::Nanoseconds(duration_nanoseconds()); }
  constexpr int64_t duration_nanoseconds() const {
    return Of(ValueKind::kDuration).payload_.int_value;
  }
  absl::Span<const Value> list_value() const { return Of(ValueKind::kList).elements(); }
  absl::Span<const Value> record_value() const { return Of(ValueKind::kRecord).elements(); }
  absl::Span<const MapEntry> map_value() const;
  // The fact that could not be had, where it is known which.
  constexpr std::optional<SlotId> unknown_fact() const {
    const uint64_t bits = Of(ValueKind::kUnknown).payload_.bits;
    return bits == 0 ? std::nullopt : std::optional<SlotId>(static_cast<SlotId>(bits - 1));
  }
  constexpr ErrorCode error_code() const {
    return static_cast<ErrorCode>(Of(ValueKind::kError).extra_);
  }
  // The node at which the error arose; kNoNode if a host made it.
  constexpr NodeId error_node() const {
    return static_cast<NodeId>(Of(ValueKind::kError).payload_.bits);
  }

 private:
  constexpr explicit Value(ValueKind kind) : kind_(kind) {}
  constexpr Value(ValueKind kind, const void* data, size_t size)
      : kind_(kind), extra_(static_cast<uint32_t>(size)) {
    payload_.data = data;
  }
  constexpr const Value& Of([[maybe_unused]] ValueKind kind) const {
    assert(kind_ == kind);
    return *this;
  }
  absl::string_view text() const { return {static_cast<const char*>(payload_.data), extra_}; }
  absl::Span<const Value> elements() const {
    return {static_cast<const Value*>(payload_.data), extra_};
  }

  ValueKind kind_ = ValueKind::kUnknown;
  uint32_t extra_ = 0;  // length, nanoseconds or error code
  union {
    uint64_t bits = 0;
    int64_t int_value;
    double double_value;
    const void* data;
  } payload_;
};

struct MapEntry {
  Value key;
  Value value;
};

static_assert(sizeof(Value) == 16);
static_assert(std::is_trivially_copyable_v<Value>);

// Equality as the language has it: numbers by value across int, uint and double (a
// whole number is rounded to meet a double); lists and records
// element by element; maps regardless of order; anything else of different kinds is unequal.
// Neither side is a failure, though a failed element anywhere inside makes it unequal. NaN equals
// nothing.
bool Equal(const Value& left, const Value& right);

// Order of two numbers, strings, bytes, booleans, timestamps or durations: negative, zero or
// positive; nothing if they have no order (NaN, or kinds that do not compare).
std::optional<int> Compare(const Value& left, const Value& right);

// Puts entries into the order that Value::Map wants. Nothing, or the reason why they make no map.
std::optional<ErrorCode> SortMapEntries(absl::Span<MapEntry> entries);

// The value under `key`, numbers matched across kinds; null if there is none.
const Value* FindInMap(absl::Span<const MapEntry> sorted_entries, const Value& key);

// A deep copy that depends on nothing but `arena` (and the static names of types).
Value CopyTo(Arena& arena, const Value& value);

inline Value Value::List(absl::Span<const Value> elements) {
  return Value(ValueKind::kList, elements.data(), elements.size());
}
inline Value Value::Record(absl::Span<const Value> fields) {
  return Value(ValueKind::kRecord, fields.data(), fields.size());
}
inline Value Value::Map(absl::Span<const MapEntry> sorted_entries) {
  return Value(ValueKind::kMap, sorted_entries.data(), sorted_entries.size());
}
inline absl::Span<const MapEntry> Value::map_value() const {
  return {static_cast<const MapEntry*>(Of(ValueKind::kMap).payload_.data), extra_};
}

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_VALUE_H_
