// "What if": one fact put in place of the real one, as a person writes it.
//
// Pure and thread-safe but for `facts`, which belongs to the caller. Any bytes are answered in
// bounded time.

#ifndef GATEHOUSE_POLICY_SUPPOSE_H_
#define GATEHOUSE_POLICY_SUPPOSE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "policy/facts.h"

namespace gatehouse::policy {

// Sets the fact `name` ("account.locked") to the value of `expression` ("true",
// "timestamp('2026-11-20T16:30:00Z')", "LOCAL_ADMIN"): a constant of the fact's type, over the
// words of vocabulary.proto. `null` makes an optional instant absent, `unknown` takes the fact
// away. Roles are texts: "['LOCAL_ADMIN@ORGANISATION_ID']". INVALID_ARGUMENT says what is wrong;
// then `facts` is unchanged.
absl::Status Suppose(absl::string_view name, absl::string_view expression, Facts& facts);

// The expression by which Suppose gives the fact what it is in `facts`.
std::string ExpressionFor(Fact fact, const Facts& facts);

}  // namespace gatehouse::policy

#endif  // GATEHOUSE_POLICY_SUPPOSE_H_
