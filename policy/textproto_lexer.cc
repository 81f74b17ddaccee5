#include "policy/textproto_lexer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "policy/cel/utf8.h"

namespace gatehouse::policy {
namespace {

using Kind = TextToken::Kind;

bool IsQuote(char c) { return c == '"' || c == '\''; }
bool IsOctal(char c) { return c >= '0' && c <= '7'; }
bool IsHex(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
uint32_t HexDigit(char c) {
  return static_cast<uint32_t>(IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}
bool BeginsWord(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool ContinuesWord(char c) { return BeginsWord(c) || IsDigit(c); }
bool ContinuesNumber(char c) { return ContinuesWord(c) || c == '.'; }

class LiteralReader {
 public:
  LiteralReader(absl::string_view text, uint32_t begin) : text_(text), at_(begin) {
    literal_.place.begin = begin;
  }

  TextLiteral Read() {
    const char quote = text_[at_++];
    while (true) {
      if (at_ == text_.size() || text_[at_] == '\n') {
        literal_.closed = false;
        Fault(literal_.place.begin, "the text is not closed on its line");
        break;
      }
      if (text_[at_] == quote) {
        ++at_;
        break;
      }
      ReadCharacter();
    }
    literal_.place.end = at_;
    return std::move(literal_);
  }

 private:
  void ReadCharacter() {
    const uint32_t begin = at_++;
    if (text_[begin] == '\\') {
      ReadEscape(begin);
    } else {
      literal_.value.push_back(text_[begin]);
    }
    literal_.origins.resize(literal_.value.size(), begin);
  }

  // Behind the backslash.
  void ReadEscape(uint32_t begin) {
    static constexpr absl::string_view kLetters = "abfnrtv\\'\"?";
    static constexpr absl::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"?";
    const char kind = at_ < text_.size() ? text_[at_] : '\0';
    const size_t simple = kLetters.find(kind);
    if (simple != absl::string_view::npos) {
      ++at_;
      literal_.value.push_back(kMeanings[simple]);
    } else if (IsOctal(kind)) {
      PutByte(begin, Number(8, 1, 3));
    } else if (kind == 'x') {
      ++at_;
      PutByte(begin, Number(16, 1, 2));
    } else if (kind == 'u' || kind == 'U') {
      ++at_;
      const size_t digits = kind == 'u' ? 4 : 8;
      PutCodePoint(begin, Number(16, digits, digits));
    } else {
      if (at_ < text_.size() && kind != '\n') ++at_;
      Fault(begin, absl::StrCat("unknown escape '", text_.substr(begin, at_ - begin), "'"));
    }
  }

  // The number that the next digits are; beyond all bytes and code points if they are too few.
  uint32_t Number(uint32_t base, size_t least, size_t most) {
    uint32_t number = 0;
    size_t digits = 0;
    for (; digits < most && at_ < text_.size(); ++digits, ++at_) {
      const char digit = text_[at_];
      if (base == 8 ? !IsOctal(digit) : !IsHex(digit)) break;
      number = number * base + HexDigit(digit);
    }
    return digits < least ? UINT32_MAX : number;
  }

  void PutByte(uint32_t begin, uint32_t number) {
    if (number > 0xff) return Fault(begin, "the escape stands for no byte");
    literal_.value.push_back(static_cast<char>(number));
  }

  void PutCodePoint(uint32_t begin, uint32_t number) {
    if (!cel::IsCodePoint(number)) return Fault(begin, "the escape stands for no character");
    cel::AppendUtf8(number, literal_.value);
  }

  // The first is the one that is told.
  void Fault(uint32_t begin, std::string fault) {
    if (!literal_.fault.empty()) return;
    literal_.fault = std::move(fault);
    literal_.fault_place = {begin, at_};
  }

  absl::string_view text_;
  uint32_t at_;
  TextLiteral literal_;
};

}  // namespace

TextLiteral ReadLiteral(absl::string_view text, uint32_t begin) {
  return LiteralReader(text, begin).Read();
}

void TextprotoLexer::SkipSpaceAndRemarks() {
  while (at_ < text_.size()) {
    if (text_[at_] == '#') {
      at_ = static_cast<uint32_t>(std::min(text_.find('\n', at_), text_.size()));
    } else if (absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) {
      ++at_;
    } else {
      return;
    }
  }
}

TextToken TextprotoLexer::Next() {
  SkipSpaceAndRemarks();
  const uint32_t begin = at_;
  const auto take_while = [&](auto belongs) {
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
  };
  if (begin == text_.size()) return {Kind::kEnd, {begin, begin}};
  const char first = text_[begin];
  if (IsQuote(first)) {
    at_ = ReadLiteral(text_, begin).place.end;
    return {Kind::kLiteral, {begin, at_}};
  }
  if (BeginsWord(first)) {
    take_while(ContinuesWord);
    return {Kind::kWord, {begin, at_}};
  }
  ++at_;
  if (IsDigit(first) || first == '-') {
    take_while(ContinuesNumber);
    return {Kind::kNumber, {begin, at_}};
  }
  // A character of several bytes is one symbol, however wrong it is here.
  take_while([](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
  return {Kind::kSymbol, {begin, at_}};
}

}  // namespace gatehouse::policy
