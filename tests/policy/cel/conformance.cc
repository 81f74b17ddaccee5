// Runs conformance cases of the expression language: cel_conformance FILE
//
// The file has one JSON object a line: suite, section, name, expr; optionally container, declare,
// bind, disable_check, check_only; and expect: value, type or error. Prints every failure, a line a
// suite, and "N passed, M failed". Exits 0 if all passed, 1 if not, 77 if there is no such file, 2
// if it cannot be read as such.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "policy/cel/checker.h"
#include "policy/cel/format.h"
#include "policy/cel/parser.h"
#include "policy/cel/program.h"
#include "policy/cel/utf8.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::cel {
namespace {

using Json = nlohmann::json;

constexpr int kSkipped = 77;

Type TypeOf(const Json& json) {
  if (json.is_object()) {
    if (json.contains("list")) return Type::List(TypeOf(json.at("list")));
    return Type::Map(TypeOf(json.at("map").at(0)), TypeOf(json.at("map").at(1)));
  }
  const std::string name = json.get<std::string>();
  for (const Type& type :
       {Type::Dyn(), Type::Null(), Type::Bool(), Type::Int(), Type::Uint(), Type::Double(),
        Type::String(), Type::Bytes(), Type::Timestamp(), Type::Duration()}) {
    if (type.ToString() == name) return type;
  }
  throw std::runtime_error(absl::StrCat("unknown type ", name));
}

template <typename Number>
Number NumberOf(const Json& json) {
  Number number;
  if (!absl::SimpleAtoi(json.get<std::string>(), &number)) throw std::runtime_error("no number");
  return number;
}

// The file's texts come from protobuf's text format, and its maker left three escape sequences of
// that format unread: \u, \U and \?. Such a text has two readings, of which one is meant.
enum class Reading { kAsWritten, kEscapesRead };

std::string ReadEscapes(absl::string_view text) {
  std::string read;
  for (size_t i = 0; i < text.size(); ++i) {
    const absl::string_view rest = text.substr(i);
    const size_t digits = absl::StartsWith(rest, "\\u") ? 4 : absl::StartsWith(rest, "\\U") ? 8 : 0;
    uint32_t code_point = 0;
    if (digits != 0 && absl::SimpleHexAtoi(rest.substr(2, digits), &code_point)) {
      AppendUtf8(code_point, read);
      i += 1 + digits;
    } else if (!absl::StartsWith(rest, "\\?")) {
      read.push_back(text[i]);
    }
  }
  return read;
}

absl::string_view TextOf(const std::string& text, Reading reading, Arena& arena) {
  return arena.CopyString(reading == Reading::kAsWritten ? text : ReadEscapes(text));
}

Value ValueOf(const Json& json, Arena& arena, Reading reading = Reading::kAsWritten) {
  const std::string& kind = json.begin().key();
  const Json& content = json.begin().value();
  if (kind == "null") return Value::Null();
  if (kind == "bool") return Value::Bool(content.get<bool>());
  if (kind == "int") return Value::Int(NumberOf<int64_t>(content));
  if (kind == "uint") return Value::Uint(NumberOf<uint64_t>(content));
  if (kind == "double")
    return Value::Double(std::strtod(content.get<std::string>().c_str(), nullptr));
  if (kind == "string") return Value::String(TextOf(content.get<std::string>(), reading, arena));
  if (kind == "type") return Value::Type(arena.CopyString(content.get<std::string>()));
  if (kind == "bytes_hex") {
    return Value::Bytes(TextOf(absl::HexStringToBytes(content.get<std::string>()), reading, arena));
  }
  if (kind == "list") {
    const absl::Span<Value> elements = arena.AllocateArray<Value>(content.size());
    for (size_t i = 0; i < elements.size(); ++i) elements[i] = ValueOf(content[i], arena, reading);
    return Value::List(elements);
  }
  if (kind != "map") throw std::runtime_error(absl::StrCat("unknown kind of value ", kind));
  const absl::Span<MapEntry> entries = arena.AllocateArray<MapEntry>(content.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i] = {ValueOf(content[i][0], arena, reading), ValueOf(content[i][1], arena, reading)};
  }
  if (SortMapEntries(entries).has_value()) throw std::runtime_error("malformed map");
  return Value::Map(entries);
}

// Unlike equality in the language, tells ints from uints from doubles, and -0.0 from 0.0.
bool Identical(const Value& left, const Value& right) {
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case ValueKind::kDouble:
      return (std::isnan(left.double_value()) && std::isnan(right.double_value())) ||
             (left.double_value() == right.double_value() &&
              std::signbit(left.double_value()) == std::signbit(right.double_value()));
    case ValueKind::kList:
      return std::equal(left.list_value().begin(), left.list_value().end(),
                        right.list_value().begin(), right.list_value().end(), Identical);
    case ValueKind::kMap:
      return std::equal(left.map_value().begin(), left.map_value().end(), right.map_value().begin(),
                        right.map_value().end(), [](const MapEntry& a, const MapEntry& b) {
                          return Identical(a.key, b.key) && Identical(a.value, b.value);
                        });
    default:
      return Equal(left, right);
  }
}

// One case: its environment and the values of its variables.
class Case {
 public:
  explicit Case(const Json& json) : json_(json), environment_(json.value("container", "")) {
    const Json declared = json.value("declare", Json::object());
    const Json bound = json.value("bind", Json::object());
    for (const auto& [name, type] : declared.items()) Declare(name, TypeOf(type), bound);
    for (const auto& [name, value] : bound.items()) {
      if (!declared.contains(name)) Declare(name, Type::Dyn(), bound);
    }
  }

  // Empty if the case passes, otherwise what was got instead.
  std::string Run() {
    const Json& expected = json_.at("expect");
    const bool error_expected = expected.contains("error");
    Outcome<Ast> ast = Parse(json_.at("expr").get<std::string>());
    if (!ast.ok()) return error_expected ? "" : ToString(ast.diagnostics());
    CheckOptions options;
    options.typing = json_.value("disable_check", false) ? Typing::kPermissive : Typing::kGradual;
    Outcome<CheckedExpression> checked = Check(*std::move(ast), environment_, options);
    if (!checked.ok()) return error_expected ? "" : ToString(checked.diagnostics());
    if (expected.contains("type")) {
      const std::string type = TypeOf(expected.at("type")).ToString();
      if (checked->type().ToString() != type) return "type " + checked->type().ToString();
    }
    if (json_.value("check_only", false)) return "";
    const Program program(*std::move(checked));
    const Value value = program.Evaluate(slots_, arena_);
    if (error_expected) return value.is(ValueKind::kError) ? "" : Format(value);
    if (!expected.contains("value")) return "";
    for (const Reading reading : {Reading::kAsWritten, Reading::kEscapesRead}) {
      if (Identical(value, ValueOf(expected.at("value"), arena_, reading))) return "";
    }
    return Format(value);
  }

 private:
  // No expression can refer to a variable that is named like a keyword.
  void Declare(const std::string& name, Type type, const Json& bound) {
    if (!environment_.AddVariable(name, std::move(type)).ok()) return;
    slots_.push_back(bound.contains(name) ? ValueOf(bound.at(name), arena_) : Value());
  }

  const Json& json_;
  Environment environment_;
  std::vector<Value> slots_;
  Arena arena_;
};

struct Tally {
  int passed = 0;
  int failed = 0;
};

int Main(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    std::cout << "skipped: there is no " << path << "\n";
    return kSkipped;
  }
  std::vector<std::pair<std::string, Tally>> suites;
  std::string line;
  Tally total;
  while (std::getline(file, line)) {
    if (line.empty()) continue;
    const Json json = Json::parse(line);
    const std::string suite = json.at("suite").get<std::string>();
    if (suites.empty() || suites.back().first != suite) suites.push_back({suite, {}});
    Tally& tally = suites.back().second;
    const std::string got = Case(json).Run();
    if (got.empty()) {
      ++tally.passed;
      ++total.passed;
      continue;
    }
    ++tally.failed;
    ++total.failed;
    std::cout << suite << "/" << json.at("section").get<std::string>() << "/"
              << json.at("name").get<std::string>() << ": " << json.at("expr").get<std::string>()
              << "\n  expected " << json.at("expect").dump() << "\n  got " << got << "\n";
  }
  for (const auto& [suite, tally] : suites) {
    std::cout << suite << ": " << tally.passed << " passed, " << tally.failed << " failed\n";
  }
  std::cout << total.passed << " passed, " << total.failed << " failed\n";
  return total.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace gatehouse::policy::cel

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: cel_conformance FILE\n";
    return 2;
  }
  try {
    return gatehouse::policy::cel::Main(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "cannot read " << argv[1] << ": " << error.what() << "\n";
    return 2;
  }
}
