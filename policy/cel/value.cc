#include "policy/cel/value.h"

#include <algorithm>
#include <cmath>

#include "policy/cel/time_range.h"

namespace gatehouse::policy::cel {
namespace {

bool IsNumber(ValueKind kind) {
  return kind == ValueKind::kInt || kind == ValueKind::kUint || kind == ValueKind::kDouble;
}

template <typename T>
int Sign(T left, T right) {
  return left < right ? -1 : left > right ? 1 : 0;
}

double AsDouble(const Value& number) {
  switch (number.kind()) {
    case ValueKind::kInt:
      return static_cast<double>(number.int_value());
    case ValueKind::kUint:
      return static_cast<double>(number.uint_value());
    default:
      return number.double_value();
  }
}

// A whole number meets a double as a double, rounded if it must be: the language defines it so.
std::optional<int> CompareNumbers(const Value& left, const Value& right) {
  if (left.is(ValueKind::kDouble) || right.is(ValueKind::kDouble)) {
    const double a = AsDouble(left);
    const double b = AsDouble(right);
    if (std::isnan(a) || std::isnan(b)) return std::nullopt;
    return Sign(a, b);
  }
  if (left.is(ValueKind::kInt)) {
    if (right.is(ValueKind::kInt)) return Sign(left.int_value(), right.int_value());
    if (left.int_value() < 0) return -1;
    return Sign(static_cast<uint64_t>(left.int_value()), right.uint_value());
  }
  if (right.is(ValueKind::kUint)) return Sign(left.uint_value(), right.uint_value());
  if (right.int_value() < 0) return 1;
  return Sign(left.uint_value(), static_cast<uint64_t>(right.int_value()));
}

int CompareTimestamps(const Value& left, const Value& right) {
  const int sign = Sign(left.timestamp_seconds(), right.timestamp_seconds());
  return sign != 0 ? sign : Sign(left.timestamp_nanoseconds(), right.timestamp_nanoseconds());
}

bool EqualElements(absl::Span<const Value> left, absl::Span<const Value> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Value& a, const Value& b) { return Equal(a, b); });
}

// Both are sorted by the same order, so equal maps are equal entry by entry.
bool EqualMaps(absl::Span<const MapEntry> left, absl::Span<const MapEntry> right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const MapEntry& a, const MapEntry& b) {
                      return Equal(a.key, b.key) && Equal(a.value, b.value);
                    });
}

// Keys of different ranks are never equal; 3 is no key at all.
int KeyRank(ValueKind kind) {
  switch (kind) {
    case ValueKind::kBool:
      return 0;
    case ValueKind::kInt:
    case ValueKind::kUint:
    case ValueKind::kDouble:  // never a key, but looked up by
      return 1;
    case ValueKind::kString:
      return 2;
    default:
      return 3;
  }
}

// Of two values with a rank below 3; nothing for NaN.
std::optional<int> CompareKeys(const Value& left, const Value& right) {
  const int rank = KeyRank(left.kind());
  const int sign = Sign(rank, KeyRank(right.kind()));
  return sign != 0 ? sign : Compare(left, right);
}

}  // namespace

absl::string_view ErrorText(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAbsent:
      return "has no value";
    case ErrorCode::kNoSuchKey:
      return "no such key";
    case ErrorCode::kNoSuchField:
      return "no such field";
    case ErrorCode::kIndex:
      return "index out of bounds";
    case ErrorCode::kDivideByZero:
      return "division by zero";
    case ErrorCode::kOverflow:
      return "result out of range";
    case ErrorCode::kRange:
      return "value out of range";
    case ErrorCode::kConversion:
      return "text that cannot be converted";
    case ErrorCode::kInvalidUtf8:
      return "invalid UTF-8";
    case ErrorCode::kDuplicateKey:
      return "the same key twice";
    case ErrorCode::kKeyType:
      return "unsupported type of key";
    case ErrorCode::kNoOverload:
      return "no such overload";
    case ErrorCode::kUndeclared:
      return "undeclared name";
    case ErrorCode::kPattern:
      return "invalid regular expression";
    case ErrorCode::kTimeZone:
      return "unknown time zone";
  }
  return "unknown error";
}

absl::string_view KindName(ValueKind kind) {
  switch (kind) {
    case ValueKind::kUnknown:
      return "unknown";
    case ValueKind::kError:
      return "error";
    case ValueKind::kNull:
      return "null";
    case ValueKind::kBool:
      return "bool";
    case ValueKind::kInt:
      return "int";
    case ValueKind::kUint:
      return "uint";
    case ValueKind::kDouble:
      return "double";
    case ValueKind::kString:
      return "string";
    case ValueKind::kBytes:
      return "bytes";
    case ValueKind::kTimestamp:
      return "timestamp";
    case ValueKind::kDuration:
      return "duration";
    case ValueKind::kList:
      return "list";
    case ValueKind::kMap:
      return "map";
    case ValueKind::kRecord:
      return "record";
    case ValueKind::kType:
      return "type";
  }
  return "value";
}

Value Value::Timestamp(absl::Time time) {
  const absl::Time clamped =
      std::clamp(time, absl::FromUnixSeconds(kFirstSecond),
                 absl::FromUnixSeconds(kLastSecond) + absl::Nanoseconds(kNanosecondsPerSecond - 1));
  const int64_t seconds = absl::ToUnixSeconds(clamped);
  const int64_t rest = absl::ToInt64Nanoseconds(clamped - absl::FromUnixSeconds(seconds));
  return Timestamp(seconds, static_cast<uint32_t>(rest));
}

bool Equal(const Value& left, const Value& right) {
  if (left.kind() != right.kind()) {
    return IsNumber(left.kind()) && IsNumber(right.kind()) && CompareNumbers(left, right) == 0;
  }
  switch (left.kind()) {
    case ValueKind::kUnknown:
    case ValueKind::kError:
      return false;
    case ValueKind::kNull:
      return true;
    case ValueKind::kInt:
      return left.int_value() == right.int_value();
    case ValueKind::kString:
      return left.string_value() == right.string_value();
    case ValueKind::kList:
      return EqualElements(left.list_value(), right.list_value());
    case ValueKind::kRecord:
      return EqualElements(left.record_value(), right.record_value());
    case ValueKind::kMap:
      return EqualMaps(left.map_value(), right.map_value());
    case ValueKind::kType:
      return left.type_value() == right.type_value();
    default:
      return Compare(left, right) == 0;
  }
}

std::optional<int> Compare(const Value& left, const Value& right) {
  if (IsNumber(left.kind()) && IsNumber(right.kind())) return CompareNumbers(left, right);
  if (left.kind() != right.kind()) return std::nullopt;
  switch (left.kind()) {
    case ValueKind::kBool:
      return Sign(left.bool_value(), right.bool_value());
    case ValueKind::kString:
      return Sign(left.string_value().compare(right.string_value()), 0);
    case ValueKind::kBytes:
      return Sign(left.bytes_value().compare(right.bytes_value()), 0);
    case ValueKind::kTimestamp:
      return CompareTimestamps(left, right);
    case ValueKind::kDuration:
      return Sign(left.duration_nanoseconds(), right.duration_nanoseconds());
    default:
      return std::nullopt;
  }
}

std::optional<ErrorCode> SortMapEntries(absl::Span<MapEntry> entries) {
  for (const MapEntry& entry : entries) {
    if (entry.key.is(ValueKind::kDouble) || KeyRank(entry.key.kind()) > 2) {
      return ErrorCode::kKeyType;
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const MapEntry& a, const MapEntry& b) { return *CompareKeys(a.key, b.key) < 0; });
  const auto duplicate = std::adjacent_find(
      entries.begin(), entries.end(),
      [](const MapEntry& a, const MapEntry& b) { return *CompareKeys(a.key, b.key) == 0; });
  if (duplicate != entries.end()) return ErrorCode::kDuplicateKey;
  return std::nullopt;
}

const Value* FindInMap(absl::Span<const MapEntry> sorted_entries, const Value& key) {
  if (KeyRank(key.kind()) > 2) return nullptr;
  if (key.is(ValueKind::kDouble) && std::isnan(key.double_value())) return nullptr;
  const auto found = std::lower_bound(sorted_entries.begin(), sorted_entries.end(), key,
                                      [](const MapEntry& entry, const Value& sought) {
                                        return *CompareKeys(entry.key, sought) < 0;
                                      });
  if (found == sorted_entries.end() || *CompareKeys(found->key, key) != 0) return nullptr;
  return &found->value;
}

Value CopyTo(Arena& arena, const Value& value) {
  const auto copy_all = [&arena](absl::Span<const Value> values) {
    absl::Span<Value> copies = arena.AllocateArray<Value>(values.size());
    for (size_t i = 0; i < values.size(); ++i) copies[i] = CopyTo(arena, values[i]);
    return copies;
  };
  switch (value.kind()) {
    case ValueKind::kString:
      return Value::String(arena.CopyString(value.string_value()));
    case ValueKind::kBytes:
      return Value::Bytes(arena.CopyString(value.bytes_value()));
    case ValueKind::kList:
      return Value::List(copy_all(value.list_value()));
    case ValueKind::kRecord:
      return Value::Record(copy_all(value.record_value()));
    case ValueKind::kMap: {
      absl::Span<MapEntry> copies = arena.AllocateArray<MapEntry>(value.map_value().size());
      for (size_t i = 0; i < copies.size(); ++i) {
        const MapEntry& entry = value.map_value()[i];
        copies[i] = {CopyTo(arena, entry.key), CopyTo(arena, entry.value)};
      }
      return Value::Map(copies);
    }
    default:
      return value;
  }
}

}  // namespace gatehouse::policy::cel
