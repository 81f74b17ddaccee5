#include "policy/cel/literal.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/match.h"

#include "policy/cel/utf8.h"

namespace gatehouse::policy::cel {
namespace {

using Result = std::variant<Value, LiteralError>;

// Digits after an optional 0x; nothing if they exceed 64 bits.
std::optional<uint64_t> ParseMagnitude(absl::string_view digits) {
  const bool hexadecimal = absl::StartsWith(digits, "0x");
  if (hexadecimal) digits.remove_prefix(2);
  uint64_t magnitude = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, magnitude, hexadecimal ? 16 : 10);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return magnitude;
}

Result DecodeInt(absl::string_view text, SourceRange range, bool negative) {
  constexpr uint64_t kLargest = INT64_MAX;
  const std::optional<uint64_t> magnitude = ParseMagnitude(text);
  if (!magnitude.has_value() || *magnitude > kLargest + (negative ? 1 : 0)) {
    return LiteralError{range, "an int must fit into 64 bits"};
  }
  // Unsigned negation wraps, which is what makes the smallest int come out right.
  return Value::Int(static_cast<int64_t>(negative ? 0 - *magnitude : *magnitude));
}

Result DecodeUint(absl::string_view text, SourceRange range) {
  const std::optional<uint64_t> magnitude = ParseMagnitude(text.substr(0, text.size() - 1));
  if (!magnitude.has_value()) return LiteralError{range, "a uint must fit into 64 bits"};
  return Value::Uint(*magnitude);
}

Result DecodeDouble(absl::string_view text, SourceRange range, bool negative) {
  double number = 0;
  const auto result = absl::from_chars(text.data(), text.data() + text.size(), number);
  // An underflow rounds to zero; an overflow is a mistake.
  if (result.ec == std::errc::result_out_of_range && number > 1) {
    return LiteralError{range, "a double must be at most about 1.8e308"};
  }
  return Value::Double(negative ? -number : number);
}

// Replaces the escape sequences of one string or bytes literal.
class Unescaper {
 public:
  Unescaper(absl::string_view body, uint32_t offset, bool bytes)
      : body_(body), offset_(offset), bytes_(bytes) {}

  // Nothing if all is well; the text is then in text().
  std::optional<LiteralError> Run() {
    while (position_ < body_.size()) {
      if (body_[position_] != '\\') {
        text_.push_back(body_[position_++]);
      } else if (const char* message = Escape(); message != nullptr) {
        const auto end = static_cast<uint32_t>(std::min(position_, body_.size()));
        return LiteralError{{offset_ + escape_, offset_ + end}, message};
      }
    }
    return std::nullopt;
  }

  const std::string& text() const { return text_; }

 private:
  // At a backslash; null if all is well.
  const char* Escape() {
    escape_ = static_cast<uint32_t>(position_);
    const char c = position_ + 1 < body_.size() ? body_[position_ + 1] : '\0';
    position_ += 2;
    if (const size_t simple = kSimple.find(c); c != '\0' && simple != absl::string_view::npos) {
      text_.push_back(kMeaning[simple]);
      return nullptr;
    }
    switch (c) {
      case 'x':
      case 'X':
        return AppendNumber(2, 16);
      case 'u':
        return bytes_ ? kNoUnicode : AppendNumber(4, 16);
      case 'U':
        return bytes_ ? kNoUnicode : AppendNumber(8, 16);
      case '0':
      case '1':
      case '2':
      case '3':
        --position_;
        return AppendNumber(3, 8);
      default:
        return "unknown escape sequence";
    }
  }

  const char* AppendNumber(size_t digits, int base) {
    uint32_t number = 0;
    const absl::string_view text = body_.substr(position_, digits);
    position_ += text.size();
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.size() != digits || result.ec != std::errc() || result.ptr != text.data() + digits) {
      return "malformed escape sequence";
    }
    if (bytes_) {
      text_.push_back(static_cast<char>(number));
      return nullptr;
    }
    if (!IsCodePoint(number)) return "an escape sequence that is no Unicode code point";
    AppendUtf8(number, text_);
    return nullptr;
  }

  static constexpr absl::string_view kSimple = "abfnrtv\\?\"'`";
  static constexpr absl::string_view kMeaning = "\a\b\f\n\r\t\v\\?\"'`";
  static constexpr const char* kNoUnicode = "bytes have no Unicode escape sequences";

  absl::string_view body_;
  uint32_t offset_;
  bool bytes_;
  size_t position_ = 0;
  uint32_t escape_ = 0;
  std::string text_;
};

Result DecodeText(absl::string_view text, const Token& token, Arena& arena) {
  const bool bytes = token.kind == TokenKind::kBytes;
  uint32_t skipped = bytes ? 1 : 0;
  const bool raw = absl::ascii_tolower(static_cast<unsigned char>(text[skipped])) == 'r';
  if (raw) ++skipped;
  text.remove_prefix(skipped);
  const char quote = text[0];
  const bool triple = text.size() >= 6 && text[1] == quote && text[2] == quote;
  const uint32_t quotes = triple ? 3 : 1;
  const absl::string_view body = text.substr(quotes, text.size() - 2 * quotes);
  const auto make = [&](absl::string_view content) {
    const absl::string_view copy = arena.CopyString(content);
    return bytes ? Value::Bytes(copy) : Value::String(copy);
  };
  if (raw) return make(body);
  Unescaper unescaper(body, token.range.begin + skipped + quotes, bytes);
  if (const std::optional<LiteralError> error = unescaper.Run()) return *error;
  return make(unescaper.text());
}

}  // namespace

Result DecodeLiteral(absl::string_view source, const Token& token, bool negative, Arena& arena) {
  const SourceRange range = token.range;
  const absl::string_view text = source.substr(range.begin, range.end - range.begin);
  switch (token.kind) {
    case TokenKind::kInt:
      return DecodeInt(text, range, negative);
    case TokenKind::kUint:
      return DecodeUint(text, range);
    case TokenKind::kDouble:
      return DecodeDouble(text, range, negative);
    default:
      return DecodeText(text, token, arena);
  }
}

}  // namespace gatehouse::policy::cel
