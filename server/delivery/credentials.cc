#include "server/delivery/credentials.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "server/runtime/status_macros.h"
#include "server/secrets/key_file.h"

namespace gatehouse::server {
namespace {

bool IsPrintable(absl::string_view line) {
  return !line.empty() && std::all_of(line.begin(), line.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
}

absl::StatusOr<GatewayCredentials> Read(const std::string& path, size_t line_count,
                                        absl::string_view content) {
  GATEHOUSE_ASSIGN_OR_RETURN(const SecretString text, ReadKeyFile(path, "credentials"));
  const std::vector<absl::string_view> lines =
      absl::StrSplit(absl::StripSuffix(text.Reveal(), "\n"), '\n');
  if (lines.size() != line_count || !std::all_of(lines.begin(), lines.end(), IsPrintable)) {
    return absl::InvalidArgumentError(
        absl::StrCat("credentials ", path, ": must hold ", content, ", and nothing else"));
  }
  return GatewayCredentials{.username = line_count == 2 ? std::string(lines.front()) : "",
                            .secret = SecretString(lines.back())};
}

}  // namespace

absl::StatusOr<GatewayCredentials> ReadToken(const std::string& path) {
  return Read(path, 1, "one line with a token");
}

absl::StatusOr<GatewayCredentials> ReadUsernameAndPassword(const std::string& path) {
  return Read(path, 2, "two lines, a username and a password");
}

}  // namespace gatehouse::server
