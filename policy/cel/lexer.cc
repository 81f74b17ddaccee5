#include "policy/cel/lexer.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"

namespace gatehouse::policy::cel {
namespace {

struct Word {
  absl::string_view text;
  TokenKind kind;
};

constexpr Word kWords[] = {
    {"true", TokenKind::kTrue},          {"false", TokenKind::kFalse},
    {"null", TokenKind::kNull},          {"in", TokenKind::kIn},
    {"as", TokenKind::kReserved},        {"break", TokenKind::kReserved},
    {"const", TokenKind::kReserved},     {"continue", TokenKind::kReserved},
    {"else", TokenKind::kReserved},      {"for", TokenKind::kReserved},
    {"function", TokenKind::kReserved},  {"if", TokenKind::kReserved},
    {"import", TokenKind::kReserved},    {"let", TokenKind::kReserved},
    {"loop", TokenKind::kReserved},      {"package", TokenKind::kReserved},
    {"namespace", TokenKind::kReserved}, {"return", TokenKind::kReserved},
    {"var", TokenKind::kReserved},       {"void", TokenKind::kReserved},
    {"while", TokenKind::kReserved},
};

// Longer ones before their prefixes.
constexpr Word kOperators[] = {
    {"&&", TokenKind::kAnd},
    {"||", TokenKind::kOr},
    {"==", TokenKind::kEqual},
    {"!=", TokenKind::kNotEqual},
    {"<=", TokenKind::kLessOrEqual},
    {">=", TokenKind::kGreaterOrEqual},
    {"<", TokenKind::kLess},
    {">", TokenKind::kGreater},
    {"!", TokenKind::kNot},
    {"+", TokenKind::kPlus},
    {"-", TokenKind::kMinus},
    {"*", TokenKind::kStar},
    {"/", TokenKind::kSlash},
    {"%", TokenKind::kPercent},
    {"?", TokenKind::kQuestion},
    {":", TokenKind::kColon},
    {",", TokenKind::kComma},
    {".", TokenKind::kDot},
    {"(", TokenKind::kLeftParenthesis},
    {")", TokenKind::kRightParenthesis},
    {"[", TokenKind::kLeftBracket},
    {"]", TokenKind::kRightBracket},
    {"{", TokenKind::kLeftBrace},
    {"}", TokenKind::kRightBrace},
};

bool StartsWord(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool ContinuesWord(char c) { return StartsWord(c) || IsDigit(c); }
bool IsQuote(char c) { return c == '\'' || c == '"'; }

TokenKind WordKind(absl::string_view text) {
  const auto* word = std::find_if(std::begin(kWords), std::end(kWords),
                                  [text](const Word& each) { return each.text == text; });
  return word == std::end(kWords) ? TokenKind::kIdentifier : word->kind;
}

}  // namespace

bool IsIdentifier(absl::string_view word) {
  return !word.empty() && StartsWord(word[0]) &&
         std::all_of(word.begin(), word.end(), ContinuesWord) &&
         WordKind(word) == TokenKind::kIdentifier;
}

Token Lexer::Next() {
  SkipBlanks();
  if (position_ >= text_.size()) return Make(TokenKind::kEnd, position_);
  const char c = Peek();
  const bool is_raw = absl::ascii_tolower(static_cast<unsigned char>(c)) == 'r';
  const bool is_bytes = absl::ascii_tolower(static_cast<unsigned char>(c)) == 'b';
  if (IsQuote(c)) return LexString(TokenKind::kString, 0, false);
  if (is_raw && IsQuote(Peek(1))) return LexString(TokenKind::kString, 1, true);
  if (is_bytes && IsQuote(Peek(1))) return LexString(TokenKind::kBytes, 1, false);
  if (is_bytes && absl::ascii_tolower(static_cast<unsigned char>(Peek(1))) == 'r' &&
      IsQuote(Peek(2))) {
    return LexString(TokenKind::kBytes, 2, true);
  }
  if (StartsWord(c)) return LexWord();
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return LexNumber();
  if (c == '`') return LexQuotedIdentifier();
  return LexOperator();
}

void Lexer::SkipBlanks() {
  while (position_ < text_.size()) {
    const char c = Peek();
    if (c == '/' && Peek(1) == '/') {
      while (position_ < text_.size() && Peek() != '\n') ++position_;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++position_;
    } else {
      break;
    }
  }
}

Token Lexer::LexWord() {
  const uint32_t begin = position_;
  while (ContinuesWord(Peek())) ++position_;
  return Make(WordKind(text_.substr(begin, position_ - begin)), begin);
}

Token Lexer::LexNumber() {
  const uint32_t begin = position_;
  TokenKind kind = TokenKind::kInt;
  const auto skip_digits = [this] {
    while (IsDigit(Peek())) ++position_;
  };
  if (Peek() == '0' && Peek(1) == 'x' &&
      absl::ascii_isxdigit(static_cast<unsigned char>(Peek(2)))) {
    position_ += 2;
    while (absl::ascii_isxdigit(static_cast<unsigned char>(Peek()))) ++position_;
  } else {
    skip_digits();
    if (Peek() == '.' && IsDigit(Peek(1))) {
      kind = TokenKind::kDouble;
      ++position_;
      skip_digits();
    }
    const uint32_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
    if ((Peek() == 'e' || Peek() == 'E') && IsDigit(Peek(1 + sign))) {
      kind = TokenKind::kDouble;
      position_ += 1 + sign;
      skip_digits();
    }
  }
  if (kind == TokenKind::kInt && (Peek() == 'u' || Peek() == 'U')) {
    kind = TokenKind::kUint;
    ++position_;
  }
  if (ContinuesWord(Peek())) {
    while (ContinuesWord(Peek())) ++position_;
    return Error({begin, position_}, "malformed number");
  }
  return Make(kind, begin);
}

Token Lexer::LexString(TokenKind kind, uint32_t prefix, bool raw) {
  const uint32_t begin = position_;
  position_ += prefix;
  const char quote = Peek();
  const bool triple = Peek(1) == quote && Peek(2) == quote;
  const uint32_t quotes = triple ? 3 : 1;
  position_ += quotes;
  while (position_ < text_.size()) {
    const char c = Peek();
    if (!triple && (c == '\n' || c == '\r')) break;
    if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote))) {
      position_ += quotes;
      return Make(kind, begin);
    }
    // Whatever follows a backslash does not end the literal, except that it means nothing if raw.
    position_ += c == '\\' && !raw && position_ + 1 < text_.size() ? 2 : 1;
  }
  return Error({begin, begin + prefix + quotes}, "this string is never closed",
               triple ? "" : "a string over several lines is written in triple quotes");
}

Token Lexer::LexQuotedIdentifier() {
  const uint32_t begin = position_++;
  const auto allowed = [](char c) {
    return ContinuesWord(c) || c == '.' || c == '-' || c == '/' || c == ' ';
  };
  while (allowed(Peek())) ++position_;
  if (Peek() != '`' || position_ == begin + 1) {
    return Error({begin, position_}, "malformed quoted name",
                 "between backquotes there may be letters, digits, '_', '.', '-', '/' and ' '");
  }
  ++position_;
  return Make(TokenKind::kQuotedIdentifier, begin);
}

Token Lexer::LexOperator() {
  const uint32_t begin = position_;
  const absl::string_view rest = text_.substr(begin);
  for (const Word& word : kOperators) {
    if (rest.substr(0, word.text.size()) == word.text) {
      position_ += static_cast<uint32_t>(word.text.size());
      return Make(word.kind, begin);
    }
  }
  do ++position_;
  while ((static_cast<unsigned char>(Peek()) & 0xc0) == 0x80);
  const SourceRange range = {begin, position_};
  switch (rest[0]) {
    case '=':
      return Error(range, "unexpected '='", "did you mean '=='?");
    case '&':
      return Error(range, "unexpected '&'", "did you mean '&&'?");
    case '|':
      return Error(range, "unexpected '|'", "did you mean '||'?");
    default:
      return Error(range, "unexpected character");
  }
}

}  // namespace gatehouse::policy::cel
