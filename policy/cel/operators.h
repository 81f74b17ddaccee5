// The binary operators of the language, and what people write for them who have another in mind.
#ifndef GATEHOUSE_POLICY_CEL_OPERATORS_H_
#define GATEHOUSE_POLICY_CEL_OPERATORS_H_

#include "absl/strings/string_view.h"

#include "policy/cel/function.h"
#include "policy/cel/lexer.h"

namespace gatehouse::policy::cel {

struct BinaryOperator {
  TokenKind token;
  Function function;
  int strength;  // 1 binds most loosely
};

// Null if it is none.
const BinaryOperator* FindBinaryOperator(TokenKind token);

struct Slip {
  absl::string_view written;
  TokenKind meant;
};

// Null if it is none.
const Slip* FindSlip(absl::string_view text);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_OPERATORS_H_
