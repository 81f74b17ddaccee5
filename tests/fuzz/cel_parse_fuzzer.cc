// Any bytes parse or are refused with a diagnostic that lies within them.
#include <cstdint>
#include <cstdlib>

#include "policy/cel/parser.h"

namespace gatehouse::policy::cel {

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const Outcome<Ast> ast = Parse(text);
  if (ast.ok()) {
    for (NodeId id = 0; id < ast->size(); ++id) {
      const SourceRange range = ast->node(id).range;
      if (range.begin > range.end || range.end > size) std::abort();
    }
    return 0;
  }
  if (ast.diagnostics().empty()) std::abort();
  for (const Diagnostic& diagnostic : ast.diagnostics()) {
    if (diagnostic.range.begin > size || diagnostic.message.empty()) std::abort();
    diagnostic.ToStringWithExcerpt(text);
  }
  return 0;
}

}  // namespace gatehouse::policy::cel
