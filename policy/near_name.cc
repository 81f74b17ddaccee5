#include "policy/near_name.h"

#include "policy/cel/suggestion.h"

namespace gatehouse::policy {

std::string SuggestName(absl::string_view name, absl::Span<const std::string> candidates) {
  cel::Suggestion suggestion(name);
  for (const std::string& candidate : candidates) suggestion.Offer(candidate);
  return suggestion.Question();
}

}  // namespace gatehouse::policy
