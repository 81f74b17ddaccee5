// One child process of a test: started, watched, paused, killed, and never left behind. The kernel
// kills it when the thread that started it ends (PR_SET_PDEATHSIG), so start it from a thread that
// outlives it; the destructor kills and reaps it in any case.
//
// Its standard output and error go to one log file. Environment, working directory and signals are
// the test's own. Not thread-safe. What cannot be started ends the test program (fatal.h).

#ifndef GATEHOUSE_TESTS_HARNESS_CHILD_PROCESS_H_
#define GATEHOUSE_TESTS_HARNESS_CHILD_PROCESS_H_

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace gatehouse::harness {

// Who the child runs as.
struct User {
  uid_t uid;
  gid_t gid;
};

class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> arguments;       // The first one is the program, looked up in PATH.
    std::filesystem::path log;                // Appended to; created when missing.
    std::optional<User> user = std::nullopt;  // Needs root; unset: this test's user.
    int death_signal = SIGKILL;               // What ends it for good, here and when the test dies.
  };

  explicit ChildProcess(Options options);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  const std::filesystem::path& log() const { return options_.log; }

  // Everything written so far, by all runs that shared the log file.
  std::string LogText() const;
  // Its end, for a person who looks for a fault.
  std::string LogTail() const;

  // Reaps it when it has ended; false from then on.
  bool Running();

  void Signal(int signal);

  // As a power cut of this process would: no handler runs. Returns once it is gone.
  void Kill9();

  // SIGTERM, then waits; its exit code, or 128 + the signal that ended it. Fatal past `patience`.
  int Terminate(absl::Duration patience = absl::Seconds(60));

  // Waits for an end of its own; as Terminate().
  int Wait(absl::Duration patience = absl::Seconds(60));

  // Fatal, with the log's end, when the process dies or `patience` runs out before `ready` says
  // true.
  void WaitUntilReady(absl::FunctionRef<bool()> ready, absl::Duration patience = absl::Seconds(60));

 private:
  void Reap(int status);
  [[noreturn]] void FailWithLog(const std::string& what) const;

  Options options_;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// A file's whole text; empty when there is none.
std::string ReadFile(const std::filesystem::path& path);

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_CHILD_PROCESS_H_
