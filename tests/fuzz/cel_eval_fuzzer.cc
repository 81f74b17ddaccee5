// Whatever is accepted evaluates, node by node too, within its bounds; statically typed expressions
// never fail on a type.
#include <cstdint>
#include <cstdlib>

#include "policy/cel/format.h"
#include "policy/cel/parser.h"
#include "tests/policy/cel/testing.h"

namespace gatehouse::policy::cel {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Facts facts;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  for (const Typing typing : {Typing::kStatic, Typing::kPermissive}) {
    Outcome<Ast> ast = Parse(text);
    if (!ast.ok()) return 0;
    CheckOptions options;
    options.typing = typing;
    Outcome<CheckedExpression> checked = Check(*std::move(ast), facts.environment(), options);
    if (!checked.ok()) continue;
    const Program program(*std::move(checked));
    for (const NodeId id : program.expression().Reachable()) {
      arena.Reset();
      Format(program.EvaluateNode(id, facts.slots(), arena), program.expression().type(id));
    }
    arena.Reset();
    const Value value = program.Evaluate(facts.slots(), arena);
    const bool failed_on_type =
        value.is(ValueKind::kError) && (value.error_code() == ErrorCode::kNoOverload ||
                                        value.error_code() == ErrorCode::kUndeclared);
    if (typing == Typing::kStatic && failed_on_type) std::abort();
  }
  return 0;
}

}  // namespace gatehouse::policy::cel
