// User names: one normal form, so that look-alikes by width, case or composition are one name. Pure
// functions, thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_USERNAME_H_
#define GATEHOUSE_SERVER_SECRETS_USERNAME_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatehouse::server {

struct UsernameLimits {
  int shortest = 3;  // characters
  int longest = 64;
};

// NFKC and case folding. For looking a name up: never fails, and gives an empty string for what is
// not UTF-8, which is nobody's name.
std::string FoldUsername(absl::string_view raw);

// The normal form of a name that may be given out: [a-z0-9._-], within the limits, no dot at either
// end and no two together. INVALID_ARGUMENT says which of that does not hold.
absl::StatusOr<std::string> NormalizeUsername(absl::string_view raw, const UsernameLimits& limits);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_USERNAME_H_
