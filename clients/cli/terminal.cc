#include "clients/cli/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace gatehouse::cli {
namespace {

// Echo off while it lives.
class Unseen {
 public:
  Unseen() : active_(InputIsTerminal() && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!active_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~Unseen() {
    if (!active_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << '\n';
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_{};
  const bool active_;
};

absl::StatusOr<std::string> ReadLine() {
  std::string line;
  if (!std::getline(std::cin, line)) {
    return absl::OutOfRangeError("the input ended before the question was answered");
  }
  return line;
}

}  // namespace

bool InputIsTerminal() { return isatty(STDIN_FILENO) == 1; }

bool OutputIsTerminal() { return isatty(STDOUT_FILENO) == 1; }

absl::StatusOr<std::string> AskLine(absl::string_view question) {
  if (InputIsTerminal()) std::cerr << question << std::flush;
  return ReadLine();
}

absl::StatusOr<std::string> AskSecret(absl::string_view question) {
  // Before the question: whoever answers at once is not seen either.
  const Unseen unseen;
  if (InputIsTerminal()) std::cerr << question << std::flush;
  return ReadLine();
}

absl::StatusOr<std::string> AskNewSecret(absl::string_view question) {
  while (true) {
    absl::StatusOr<std::string> first = AskSecret(question);
    if (!first.ok() || !InputIsTerminal()) return first;
    const absl::StatusOr<std::string> second = AskSecret("Once more: ");
    if (!second.ok()) return second;
    if (*first == *second) return first;
    std::cerr << "They differ; once again from the beginning.\n";
  }
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  std::ifstream stream(path);
  std::string line;
  if (!std::getline(stream, line)) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return line;
}

}  // namespace gatehouse::cli
