#include "tests/harness/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "tests/harness/fatal.h"
#include "tests/harness/wait.h"

namespace gatehouse::harness {
namespace {

constexpr size_t kLogTail = 4000;

std::vector<char*> Pointers(std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Runs between fork and exec in a process that may have had many threads: system calls only.
[[noreturn]] void Become(const ChildProcess::Options& options, char* const* arguments, int log,
                         pid_t parent) {
  bool ready = dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
  if (options.user.has_value()) {
    ready = ready && setgroups(0, nullptr) == 0 && setgid(options.user->gid) == 0 &&
            setuid(options.user->uid) == 0;
  }
  // After the change of user, which clears it.
  ready = ready && prctl(PR_SET_PDEATHSIG, options.death_signal) == 0;
  if (ready && getppid() == parent) execvp(arguments[0], arguments);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(Options options) : options_(std::move(options)) {
  const int log =
      open(options_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (log < 0) Fatal(absl::StrCat("cannot open ", options_.log.string()));
  const std::vector<char*> arguments = Pointers(options_.arguments);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) Become(options_, arguments.data(), log, parent);
  close(log);
  if (pid_ < 0) Fatal(absl::StrCat("fork: ", std::strerror(errno)));
}

ChildProcess::~ChildProcess() {
  if (!Running()) return;
  Signal(SIGCONT);
  Signal(options_.death_signal);
  if (!WaitUntil([this] { return !Running(); })) Kill9();
}

std::string ChildProcess::LogText() const { return ReadFile(options_.log); }

std::string ChildProcess::LogTail() const {
  std::string text = LogText();
  if (text.size() > kLogTail) text.erase(0, text.size() - kLogTail);
  return text;
}

bool ChildProcess::Running() {
  if (exit_code_.has_value()) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == 0) return true;
  Reap(status);
  return false;
}

void ChildProcess::Signal(int signal) {
  if (!exit_code_.has_value()) kill(pid_, signal);
}

void ChildProcess::Kill9() {
  if (exit_code_.has_value()) return;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  Reap(status);
}

int ChildProcess::Terminate(absl::Duration patience) {
  Signal(SIGTERM);
  return Wait(patience);
}

int ChildProcess::Wait(absl::Duration patience) {
  if (!WaitUntil([this] { return !Running(); }, patience)) FailWithLog("does not end");
  return *exit_code_;
}

void ChildProcess::WaitUntilReady(absl::FunctionRef<bool()> ready, absl::Duration patience) {
  bool died = false;
  const bool over = WaitUntil(
      [&] {
        died = !Running();
        return died || ready();
      },
      patience);
  if (died) FailWithLog(absl::StrCat("ended with ", *exit_code_, " before it was ready"));
  if (!over) FailWithLog("was not ready in time");
}

void ChildProcess::Reap(int status) {
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ChildProcess::FailWithLog(const std::string& what) const {
  Fatal(
      absl::StrCat(absl::StrJoin(options_.arguments, " "), ": ", what, "; its log:\n", LogTail()));
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace gatehouse::harness
