// What the text of a literal token stands for. Pure, thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_LITERAL_H_
#define GATEHOUSE_POLICY_CEL_LITERAL_H_

#include <string>
#include <variant>

#include "absl/strings/string_view.h"

#include "policy/cel/arena.h"
#include "policy/cel/diagnostic.h"
#include "policy/cel/lexer.h"
#include "policy/cel/value.h"

namespace gatehouse::policy::cel {

struct LiteralError {
  SourceRange range;
  const char* message;
};

// `token` is a number, string or bytes of `source`. A minus sign before a number is part of it, for
// the smallest int has no positive counterpart. Text is copied into `arena`.
std::variant<Value, LiteralError> DecodeLiteral(absl::string_view source, const Token& token,
                                                bool negative, Arena& arena);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_LITERAL_H_
