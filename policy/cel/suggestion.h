// The name that somebody may have meant. Pure, thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_SUGGESTION_H_
#define GATEHOUSE_POLICY_CEL_SUGGESTION_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace gatehouse::policy::cel {

// Finds, of the names it is offered, the one nearest to a mistyped one by edits of single letters.
class Suggestion {
 public:
  // `mistyped` outlives this.
  explicit Suggestion(absl::string_view mistyped);

  void Offer(absl::string_view name);
  // Empty if nothing offered is near.
  const std::string& name() const { return name_; }
  // "did you mean NAME?", or empty.
  std::string Question() const;

 private:
  absl::string_view mistyped_;
  size_t least_edits_;
  std::string name_;
};

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_SUGGESTION_H_
