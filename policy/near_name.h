// The name that somebody probably meant.

#ifndef GATEHOUSE_POLICY_NEAR_NAME_H_
#define GATEHOUSE_POLICY_NEAR_NAME_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::policy {

// "did you mean X?" for the candidate nearest to `name`; empty if none is near. Pure; thread-safe.
std::string SuggestName(absl::string_view name, absl::Span<const std::string> candidates);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_NEAR_NAME_H_
