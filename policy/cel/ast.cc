#include "policy/cel/ast.h"

namespace gatehouse::policy::cel {

absl::string_view MacroName(Macro macro) {
  switch (macro) {
    case Macro::kAll:
      return "all";
    case Macro::kExists:
      return "exists";
    case Macro::kExistsOne:
      return "exists_one";
    case Macro::kFilter:
      return "filter";
    case Macro::kMap:
      return "map";
    case Macro::kTransformList:
      return "transformList";
    case Macro::kTransformMap:
      return "transformMap";
  }
  return "macro";
}

}  // namespace gatehouse::policy::cel
