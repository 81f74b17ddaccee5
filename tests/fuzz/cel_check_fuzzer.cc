// Whatever parses is checked, in every typing, to an expression or to diagnostics; and what static
// typing accepts, the others accept too.
#include <cstdint>
#include <cstdlib>

#include "policy/cel/parser.h"
#include "tests/policy/cel/testing.h"

namespace gatehouse::policy::cel {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Facts facts;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  bool accepted = false;
  for (const Typing typing : {Typing::kStatic, Typing::kGradual, Typing::kPermissive}) {
    Outcome<Ast> ast = Parse(text);
    if (!ast.ok()) return 0;
    CheckOptions options;
    options.typing = typing;
    const auto checked = Check(*std::move(ast), facts.environment(), options);
    if (accepted && !checked.ok()) std::abort();
    accepted = accepted || checked.ok();
    if (checked.ok() && checked->cost() > options.limits.cost) std::abort();
    for (const Diagnostic& diagnostic : checked.diagnostics()) {
      diagnostic.ToStringWithExcerpt(text);
    }
  }
  return 0;
}

}  // namespace gatehouse::policy::cel
