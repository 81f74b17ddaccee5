// Lists of known passwords as text, a password a line: either the passwords themselves, or, as
// services that collect breached ones give them away, SHA-1 digests in hexadecimal, with or without
// ":" and how often each was seen. Which of the two a list is, its first line tells; a list of
// digests holds nothing else, and one that begins with a digest of another kind is refused. A byte
// order mark is passed over. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_LINES_H_
#define GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_LINES_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/secrets/known/password_filter_builder.h"

namespace gatehouse::server {

class PasswordLines {
 public:
  // The key of the line's password (server/secrets/known/password_filter.h); nothing for an empty
  // line, and for one that nobody's password can be: no UTF-8, control characters, or longer than
  // any policy allows. INVALID_ARGUMENT names the line that does not belong into a list of digests,
  // and repeats nothing of it.
  absl::StatusOr<std::optional<uint64_t>> KeyOf(absl::string_view line);

  uint64_t lines() const { return lines_; }
  bool are_digests() const { return form_ == Form::kDigests; }

 private:
  enum class Form { kUnknown, kWords, kDigests };

  Form form_ = Form::kUnknown;
  uint64_t lines_ = 0;
};

// Adds all of a list to the filter; answers how many lines it has, and how many of them were no
// passwords. Memory is bounded, whatever the lines are.
struct ReadLines {
  uint64_t lines = 0;
  uint64_t skipped = 0;
  bool are_digests = false;
};
absl::StatusOr<ReadLines> ReadPasswordLines(std::istream& input, PasswordFilterBuilder& builder);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KNOWN_PASSWORD_LINES_H_
