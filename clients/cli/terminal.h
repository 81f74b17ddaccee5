// The person at the other end, if there is one: questions, passwords without echo, colours. Where
// standard input is no terminal, secrets are read from it a line each, and questions cannot be
// asked. Not thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_TERMINAL_H_
#define GATEHOUSE_CLIENTS_CLI_TERMINAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace gatehouse::cli {

bool InputIsTerminal();
bool OutputIsTerminal();

// One line; the question goes to standard error, so that output can be piped on. OUT_OF_RANGE at
// the end of the input.
absl::StatusOr<std::string> AskLine(absl::string_view question);

// The same, unseen on a terminal.
absl::StatusOr<std::string> AskSecret(absl::string_view question);

// Asks twice on a terminal, until both are the same; once elsewhere.
absl::StatusOr<std::string> AskNewSecret(absl::string_view question);

// A file's first line, for secrets that a script hands over: a flag would show them to every `ps`.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_TERMINAL_H_
