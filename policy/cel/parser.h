// Text to Ast.
//
// Takes any bytes at all: what is not an expression, too long, too deep or not UTF-8 is answered
// with diagnostics, in time linear in the text. Pure and thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_PARSER_H_
#define GATEHOUSE_POLICY_CEL_PARSER_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/cel/ast.h"
#include "policy/cel/diagnostic.h"
#include "policy/cel/limits.h"

namespace gatehouse::policy::cel {

Outcome<Ast> Parse(absl::string_view text, const Limits& limits = {});

// The same, but what is wrong does not hide what else is: operands of && and || that cannot be read
// are left out of the expression. For finding the other mistakes in it, and for nothing else; not
// for evaluation, unless there are no mistakes.
struct LenientParse {
  std::optional<Ast> ast;  // nothing if nothing could be read
  std::vector<Diagnostic> mistakes;
};
LenientParse ParseLeniently(absl::string_view text, const Limits& limits = {});

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_PARSER_H_
