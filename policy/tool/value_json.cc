#include "policy/tool/value_json.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

#include "policy/cel/format.h"
#include "policy/explain.h"

namespace gatehouse::policy::tool {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;
using cel::Value;
using cel::ValueKind;

absl::Status NoValue(const Json& json) {
  return absl::InvalidArgumentError(absl::StrCat("no value: ", json.dump()));
}

absl::StatusOr<Value> ListFromJson(const Json& json, cel::Arena& arena) {
  if (!json.is_array()) return NoValue(json);
  const absl::Span<Value> elements = arena.AllocateArray<Value>(json.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    absl::StatusOr<Value> element = ValueFromJson(json[i], arena);
    if (!element.ok()) return element;
    elements[i] = *element;
  }
  return Value::List(elements);
}

absl::StatusOr<Value> MapFromPairs(const Json& pairs, cel::Arena& arena) {
  if (!pairs.is_array()) return NoValue(pairs);
  const absl::Span<cel::MapEntry> entries = arena.AllocateArray<cel::MapEntry>(pairs.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!pairs[i].is_array() || pairs[i].size() != 2) return NoValue(pairs[i]);
    absl::StatusOr<Value> key = ValueFromJson(pairs[i][0], arena);
    absl::StatusOr<Value> value = ValueFromJson(pairs[i][1], arena);
    if (!key.ok() || !value.ok()) return NoValue(pairs[i]);
    entries[i] = {*key, *value};
  }
  if (cel::SortMapEntries(entries).has_value()) return NoValue(pairs);
  return Value::Map(entries);
}

absl::StatusOr<Value> ScalarFromText(const std::string& kind, const std::string& text,
                                     cel::Arena& arena) {
  int64_t number = 0;
  uint64_t positive = 0;
  double real = 0;
  absl::Time instant;
  absl::Duration duration;
  if (kind == "int" && absl::SimpleAtoi(text, &number)) return Value::Int(number);
  if (kind == "uint" && absl::SimpleAtoi(text, &positive)) return Value::Uint(positive);
  if (kind == "double" && absl::SimpleAtod(text, &real)) return Value::Double(real);
  if (kind == "string") return Value::String(arena.CopyString(text));
  if (kind == "bytes_hex") {
    return Value::Bytes(arena.CopyString(absl::HexStringToBytes(text)));
  }
  if (kind == "timestamp" && absl::ParseTime(absl::RFC3339_full, text, &instant, nullptr)) {
    return Value::Timestamp(instant);
  }
  if (kind == "duration" && absl::ParseDuration(text, &duration)) return Value::Duration(duration);
  return absl::InvalidArgumentError(absl::StrCat("no ", kind, ": ", text));
}

absl::StatusOr<Value> TaggedFromJson(const std::string& kind, const Json& content,
                                     cel::Arena& arena) {
  if (kind == "list") return ListFromJson(content, arena);
  if (kind == "map") return MapFromPairs(content, arena);
  return ScalarFromText(kind, content.is_string() ? content.get<std::string>() : content.dump(),
                        arena);
}

bool IsTag(const std::string& name) {
  for (const char* tag :
       {"int", "uint", "double", "string", "bytes_hex", "timestamp", "duration", "list", "map"}) {
    if (name == tag) return true;
  }
  return false;
}

}  // namespace

nlohmann::ordered_json ValueToJson(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull:
      return {{"null", nullptr}};
    case ValueKind::kBool:
      return {{"bool", value.bool_value()}};
    case ValueKind::kInt:
      return {{"int", absl::StrCat(value.int_value())}};
    case ValueKind::kUint:
      return {{"uint", absl::StrCat(value.uint_value())}};
    case ValueKind::kDouble:
      return {{"double", absl::StrFormat("%.17g", value.double_value())}};
    case ValueKind::kString:
      return {{"string", std::string(value.string_value())}};
    case ValueKind::kBytes:
      return {{"bytes_hex", absl::BytesToHexString(value.bytes_value())}};
    case ValueKind::kTimestamp:
      return {{"timestamp", PlainText(value, cel::Type::Timestamp())}};
    case ValueKind::kDuration:
      return {{"duration", PlainText(value, cel::Type::Duration())}};
    case ValueKind::kType:
      return {{"type", std::string(value.type_value())}};
    case ValueKind::kList:
    case ValueKind::kRecord: {
      OrderedJson elements = OrderedJson::array();
      const bool is_list = value.is(ValueKind::kList);
      for (const Value& element : is_list ? value.list_value() : value.record_value()) {
        elements.push_back(ValueToJson(element));
      }
      return {{"list", std::move(elements)}};
    }
    case ValueKind::kMap: {
      OrderedJson entries = OrderedJson::array();
      for (const cel::MapEntry& entry : value.map_value()) {
        entries.push_back(OrderedJson::array({ValueToJson(entry.key), ValueToJson(entry.value)}));
      }
      return {{"map", std::move(entries)}};
    }
    case ValueKind::kUnknown:
    case ValueKind::kError:
      break;
  }
  return {{"error", cel::Format(value)}};
}

absl::StatusOr<Value> ValueFromJson(const Json& json, cel::Arena& arena) {
  if (json.is_null()) return Value::Null();
  if (json.is_boolean()) return Value::Bool(json.get<bool>());
  if (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX) return NoValue(json);
  if (json.is_number_integer()) return Value::Int(json.get<int64_t>());
  if (json.is_number_float()) return Value::Double(json.get<double>());
  if (json.is_string()) return Value::String(arena.CopyString(json.get<std::string>()));
  if (json.is_array()) return ListFromJson(json, arena);
  if (json.size() == 1) {
    const std::string& name = json.begin().key();
    const Json& content = json.begin().value();
    if (name == "null") return Value::Null();
    if (name == "bool" && content.is_boolean()) return Value::Bool(content.get<bool>());
    if (IsTag(name)) return TaggedFromJson(name, content, arena);
  }
  Json pairs = Json::array();
  for (const auto& [name, content] : json.items()) pairs.push_back(Json::array({name, content}));
  return MapFromPairs(pairs, arena);
}

}  // namespace gatehouse::policy::tool
