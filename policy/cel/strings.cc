// Strings and bytes: size, contains, startsWith, endsWith, matches, +.
#include "absl/strings/match.h"

#include "policy/cel/overload.h"
#include "policy/cel/pattern.h"
#include "policy/cel/utf8.h"

namespace gatehouse::policy::cel {
namespace {

Value SizeOfString(const Call& /*call*/, const Value& text) {
  return Value::Int(static_cast<int64_t>(CountCodePoints(text.string_value())));
}

Value SizeOfBytes(const Call& /*call*/, const Value& bytes) {
  return Value::Int(static_cast<int64_t>(bytes.bytes_value().size()));
}

Value Contains(const Call& /*call*/, const Value& text, const Value& part) {
  return Value::Bool(absl::StrContains(text.string_value(), part.string_value()));
}

Value StartsWith(const Call& /*call*/, const Value& text, const Value& prefix) {
  return Value::Bool(absl::StartsWith(text.string_value(), prefix.string_value()));
}

Value EndsWith(const Call& /*call*/, const Value& text, const Value& suffix) {
  return Value::Bool(absl::EndsWith(text.string_value(), suffix.string_value()));
}

Value Matches(const Call& call, const Value& text, const Value& pattern) {
  const absl::string_view subject = text.string_value();
  const re2::StringPiece piece(subject.data(), subject.size());
  if (call.node.pattern != nullptr) {
    return Value::Bool(RE2::PartialMatch(piece, *call.node.pattern));
  }
  const std::unique_ptr<const RE2> compiled = CompilePattern(pattern.string_value());
  if (!compiled->ok()) return call.Fail(ErrorCode::kPattern);
  return Value::Bool(RE2::PartialMatch(piece, *compiled));
}

absl::string_view Join(Arena& arena, absl::string_view left, absl::string_view right) {
  const absl::Span<char> joined = arena.AllocateArray<char>(left.size() + right.size());
  std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), joined.begin()));
  return {joined.data(), joined.size()};
}

Value ConcatenateStrings(const Call& call, const Value& left, const Value& right) {
  return Value::String(Join(call.arena(), left.string_value(), right.string_value()));
}

Value ConcatenateBytes(const Call& call, const Value& left, const Value& right) {
  return Value::Bytes(Join(call.arena(), left.bytes_value(), right.bytes_value()));
}

}  // namespace

void AddStrings(std::vector<Overload>& overloads) {
  const Type text = Type::String();
  const Type bytes = Type::Bytes();
  const Type truth = Type::Bool();
  const Overload size_of_string = UnaryOverload<&SizeOfString>(Function::kSize, text, Type::Int());
  const Overload size_of_bytes = UnaryOverload<&SizeOfBytes>(Function::kSize, bytes, Type::Int());
  const Overload matches = BinaryOverload<&Matches>(Function::kMatches, text, text, truth);
  overloads.insert(
      overloads.end(),
      {size_of_string, size_of_bytes, AsReceiver(size_of_string), AsReceiver(size_of_bytes),
       AsReceiver(BinaryOverload<&Contains>(Function::kContains, text, text, truth)),
       AsReceiver(BinaryOverload<&StartsWith>(Function::kStartsWith, text, text, truth)),
       AsReceiver(BinaryOverload<&EndsWith>(Function::kEndsWith, text, text, truth)), matches,
       AsReceiver(matches), BinaryOverload<&ConcatenateStrings>(Function::kAdd, text, text, text),
       BinaryOverload<&ConcatenateBytes>(Function::kAdd, bytes, bytes, bytes)});
}

}  // namespace gatehouse::policy::cel
