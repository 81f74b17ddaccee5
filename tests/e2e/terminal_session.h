// A program at a terminal of its own (a pseudo terminal): what a person would see, and what they
// would type. Not thread-safe. The program is killed with the object. A text that does not come
// ends the test program with everything seen so far.

#ifndef GATEHOUSE_TESTS_E2E_TERMINAL_SESSION_H_
#define GATEHOUSE_TESTS_E2E_TERMINAL_SESSION_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace gatehouse::e2e {

class TerminalSession {
 public:
  explicit TerminalSession(const std::vector<std::string>& arguments);
  ~TerminalSession();
  TerminalSession(const TerminalSession&) = delete;
  TerminalSession& operator=(const TerminalSession&) = delete;

  // Waits until `text` has come after what was expected before.
  void Expect(const std::string& text);
  // Types a line, with Enter.
  void Type(const std::string& line);
  // Waits for `question`, then types the answer.
  void Answer(const std::string& question, const std::string& line);
  // Waits for the end; the exit code.
  int Wait();

  // Everything that came to the screen so far, echoes of what was typed among it.
  const std::string& screen() const { return screen_; }

 private:
  // Reads what has come; false when the program has closed its terminal.
  bool Read();

  pid_t pid_ = -1;
  int terminal_ = -1;
  std::string screen_;
  size_t expected_until_ = 0;
};

}  // namespace gatehouse::e2e

#endif  // GATEHOUSE_TESTS_E2E_TERMINAL_SESSION_H_
