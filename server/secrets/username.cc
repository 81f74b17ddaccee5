#include "server/secrets/username.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "server/secrets/unicode.h"

namespace gatehouse::server {
namespace {

bool IsAllowed(char character) {
  return absl::ascii_islower(static_cast<unsigned char>(character)) ||
         absl::ascii_isdigit(static_cast<unsigned char>(character)) || character == '.' ||
         character == '_' || character == '-';
}

}  // namespace

std::string FoldUsername(absl::string_view raw) {
  return IsUtf8(raw) ? ToNfkcCaseFolded(raw) : std::string();
}

absl::StatusOr<std::string> NormalizeUsername(absl::string_view raw, const UsernameLimits& limits) {
  std::string name = FoldUsername(raw);
  if (!std::all_of(name.begin(), name.end(), IsAllowed)) {
    return absl::InvalidArgumentError("a user name consists of a-z, 0-9, '.', '_' and '-'");
  }
  const auto length = static_cast<int>(name.size());
  if (length < limits.shortest || length > limits.longest) {
    return absl::InvalidArgumentError(absl::StrCat("a user name has ", limits.shortest, " to ",
                                                   limits.longest, " characters, not ", length));
  }
  if (name.front() == '.' || name.back() == '.' || absl::StrContains(name, "..")) {
    return absl::InvalidArgumentError(
        "a user name neither begins nor ends with a dot, nor has two together");
  }
  return name;
}

}  // namespace gatehouse::server
