// Who may include whom: the table of the house. A file obeys the row of its nearest folder; what no
// row allows is forbidden. Change it here when the house changes, and the README's picture with it.

#ifndef GATEHOUSE_TESTS_TIDY_LAYERS_H_
#define GATEHOUSE_TESTS_TIDY_LAYERS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace gatehouse::tidy {

// Why a file in `folder` may not include `name`; nothing when it may.
std::optional<std::string> ForbiddenInclude(absl::string_view folder, absl::string_view name);

}  // namespace gatehouse::tidy

#endif  // GATEHOUSE_TESTS_TIDY_LAYERS_H_
