#include "tests/e2e/terminal_session.h"

#include <poll.h>
#include <pty.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "absl/strings/str_cat.h"

#include "tests/harness/fatal.h"

namespace gatehouse::e2e {
namespace {

constexpr int kPatienceMilliseconds = 60'000;

}  // namespace

TerminalSession::TerminalSession(const std::vector<std::string>& arguments) {
  std::vector<std::string> copies = arguments;
  std::vector<char*> pointers;
  for (std::string& argument : copies) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_ = forkpty(&terminal_, nullptr, nullptr, nullptr);
  if (pid_ < 0) harness::Fatal("no pseudo terminal");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(pointers[0], pointers.data());
    _exit(127);
  }
}

TerminalSession::~TerminalSession() {
  close(terminal_);
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void TerminalSession::Expect(const std::string& text) {
  size_t found = screen_.find(text, expected_until_);
  while (found == std::string::npos) {
    if (!Read())
      harness::Fatal(absl::StrCat("\"", text, "\" did not come; the screen:\n", screen_));
    found = screen_.find(text, expected_until_);
  }
  expected_until_ = found + text.size();
}

void TerminalSession::Type(const std::string& line) {
  const std::string keys = absl::StrCat(line, "\n");
  if (write(terminal_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
    harness::Fatal(absl::StrCat("cannot type; the screen:\n", screen_));
  }
}

void TerminalSession::Answer(const std::string& question, const std::string& line) {
  Expect(question);
  Type(line);
}

int TerminalSession::Wait() {
  while (Read()) {
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool TerminalSession::Read() {
  pollfd readable{.fd = terminal_, .events = POLLIN, .revents = 0};
  if (poll(&readable, 1, kPatienceMilliseconds) == 0) {
    harness::Fatal(absl::StrCat("nothing comes any more; the screen:\n", screen_));
  }
  std::array<char, 4096> buffer;
  const ssize_t size = read(terminal_, buffer.data(), buffer.size());
  if (size <= 0) return false;  // EIO: the other side is closed.
  screen_.append(buffer.data(), static_cast<size_t>(size));
  return true;
}

}  // namespace gatehouse::e2e
