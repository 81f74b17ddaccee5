// The tokens of a textproto, and its string literals decoded.
//
// Protobuf's own tokenizer knows places by line and column alone, and tells nothing of where within
// a literal each byte comes from; both are what a mistake inside an expression is shown by. Takes
// any bytes; ends at the end of the text. One thread; the text outlives it.

#ifndef GATEHOUSE_POLICY_TEXTPROTO_LEXER_H_
#define GATEHOUSE_POLICY_TEXTPROTO_LEXER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/text_lines.h"

namespace gatehouse::policy {

// What stands between quotation marks.
struct TextLiteral {
  Place place;  // with the marks
  std::string value;
  // For each byte of the value, the byte of the text that it comes from.
  std::vector<uint32_t> origins;
  // What is wrong with it, and where; empty if nothing is.
  std::string fault;
  Place fault_place;
  bool closed = true;
};

// The literal whose quotation mark stands at `begin`. One that is not closed ends with its line.
TextLiteral ReadLiteral(absl::string_view text, uint32_t begin);

struct TextToken {
  enum class Kind : uint8_t { kWord, kNumber, kLiteral, kSymbol, kEnd };

  Kind kind = Kind::kEnd;
  Place place;
};

class TextprotoLexer {
 public:
  explicit TextprotoLexer(absl::string_view text, uint32_t begin = 0) : text_(text), at_(begin) {}

  TextToken Next();

 private:
  void SkipSpaceAndRemarks();

  absl::string_view text_;
  uint32_t at_;
};

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_TEXTPROTO_LEXER_H_
