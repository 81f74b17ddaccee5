#include "policy/cel/format.h"

#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

#include "policy/cel/number_text.h"
#include "policy/cel/time_text.h"

namespace gatehouse::policy::cel {
namespace {

const Type kDyn = Type::Dyn();

std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", absl::Utf8SafeCHexEscape(text), "'");
}

std::string QuotedBytes(absl::string_view bytes) {
  std::string text = "b'";
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    if (code >= 0x20 && code < 0x7F && byte != '\'' && byte != '\\') {
      text.push_back(byte);
    } else {
      absl::StrAppendFormat(&text, "\\x%02x", code);
    }
  }
  return text + "'";
}

// With a point or an exponent, so that it does not read as an int.
std::string FormatDouble(double number) {
  if (std::isnan(number)) return "double('nan')";
  if (std::isinf(number)) return number < 0 ? "double('-inf')" : "double('inf')";
  std::string text = DoubleText(number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string FormatInt(int64_t number, const Type& type) {
  if (type.is(Type::Kind::kEnum)) {
    const absl::string_view name = type.enum_type().NameOf(number);
    if (!name.empty()) return std::string(name);
  }
  return absl::StrCat(number);
}

std::string FormatList(absl::Span<const Value> elements, const Type& type) {
  const Type& element = type.is(Type::Kind::kList) ? type.element() : kDyn;
  return absl::StrCat("[",
                      absl::StrJoin(elements, ", ",
                                    [&element](std::string* out, const Value& value) {
                                      out->append(Format(value, element));
                                    }),
                      "]");
}

std::string FormatMap(absl::Span<const MapEntry> entries, const Type& type) {
  const bool typed = type.is(Type::Kind::kMap);
  return absl::StrCat("{",
                      absl::StrJoin(entries, ", ",
                                    [&](std::string* out, const MapEntry& entry) {
                                      absl::StrAppend(
                                          out, Format(entry.key, typed ? type.key() : kDyn), ": ",
                                          Format(entry.value, typed ? type.value() : kDyn));
                                    }),
                      "}");
}

std::string FormatRecord(absl::Span<const Value> fields, const Type& type) {
  const RecordType* const record =
      type.is(Type::Kind::kRecord) && type.record_type().fields.size() == fields.size()
          ? &type.record_type()
          : nullptr;
  std::string text = absl::StrCat(record == nullptr ? "record" : record->name, "{");
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) text += ", ";
    if (record != nullptr) absl::StrAppend(&text, record->fields[i].name, ": ");
    text += Format(fields[i], record == nullptr ? kDyn : record->fields[i].type);
  }
  return text + "}";
}

}  // namespace

std::string Format(const Value& value, const Type& type) {
  switch (value.kind()) {
    case ValueKind::kUnknown:
      return "unknown";
    case ValueKind::kError:
      return value.absent() ? "absent" : absl::StrCat("error: ", ErrorText(value.error_code()));
    case ValueKind::kNull:
      return "null";
    case ValueKind::kBool:
      return value.bool_value() ? "true" : "false";
    case ValueKind::kInt:
      return FormatInt(value.int_value(), type);
    case ValueKind::kUint:
      return absl::StrCat(value.uint_value(), "u");
    case ValueKind::kDouble:
      return FormatDouble(value.double_value());
    case ValueKind::kString:
      return Quoted(value.string_value());
    case ValueKind::kBytes:
      return QuotedBytes(value.bytes_value());
    case ValueKind::kTimestamp:
      return absl::StrCat("timestamp('", TimestampText(value), "')");
    case ValueKind::kDuration:
      return absl::StrCat("duration('", absl::FormatDuration(value.duration_value()), "')");
    case ValueKind::kList:
      return FormatList(value.list_value(), type);
    case ValueKind::kMap:
      return FormatMap(value.map_value(), type);
    case ValueKind::kRecord:
      return FormatRecord(value.record_value(), type);
    case ValueKind::kType:
      return std::string(value.type_value());
  }
  return "";
}

std::string Format(const Value& value) { return Format(value, kDyn); }

}  // namespace gatehouse::policy::cel
