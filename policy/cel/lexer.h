// Text to tokens, one at a time. Tokens are ranges of the text; literals are decoded by literal.h.
// Not thread-safe; the text outlives the lexer and is valid UTF-8.
#ifndef GATEHOUSE_POLICY_CEL_LEXER_H_
#define GATEHOUSE_POLICY_CEL_LEXER_H_

#include <cstdint>

#include "absl/strings/string_view.h"

#include "policy/cel/diagnostic.h"

namespace gatehouse::policy::cel {

enum class TokenKind : uint8_t {
  kEnd,
  kError,
  kIdentifier,
  kReserved,          // a word kept for the language's future; a field or method may have that name
  kQuotedIdentifier,  // `content-type`, after a dot
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTrue,
  kFalse,
  kNull,
  kIn,
  kAnd,
  kOr,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kQuestion,
  kColon,
  kComma,
  kDot,
  kLeftParenthesis,
  kRightParenthesis,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  SourceRange range;
  // Of a kError: what is wrong, and a way out.
  const char* message = "";
  const char* suggestion = "";
};

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  // kEnd again and again at the end; what follows a kError is a guess.
  Token Next();

 private:
  void SkipBlanks();
  Token LexWord();
  Token LexNumber();
  // The opening quote is `prefix` bytes ahead.
  Token LexString(TokenKind kind, uint32_t prefix, bool raw);
  Token LexQuotedIdentifier();
  Token LexOperator();

  char Peek(uint32_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  Token Make(TokenKind kind, uint32_t begin) const { return {kind, {begin, position_}, "", ""}; }
  static Token Error(SourceRange range, const char* message, const char* suggestion = "") {
    return {TokenKind::kError, range, message, suggestion};
  }

  absl::string_view text_;
  uint32_t position_ = 0;
};

// Whether `word` may name a variable.
bool IsIdentifier(absl::string_view word);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_LEXER_H_
