// Where a secret comes from: a file's first line if one is named, else the person, unseen. Not
// thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_SECRET_SOURCE_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_SECRET_SOURCE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "clients/cli/terminal.h"

namespace gatehouse::cli {

inline absl::StatusOr<std::string> SecretFrom(const std::string& file, absl::string_view question) {
  return file.empty() ? AskSecret(question) : ReadSecretFile(file);
}

// One that is being chosen: a person types it twice.
inline absl::StatusOr<std::string> NewSecretFrom(const std::string& file,
                                                 absl::string_view question) {
  return file.empty() ? AskNewSecret(question) : ReadSecretFile(file);
}

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_SECRET_SOURCE_H_
