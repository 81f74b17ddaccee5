// Who takes messages, as a process of its own on loopback: a mail relay (python3-aiosmtpd) or an
// HTTP server (Python's own), which keeps what it is sent and behaves as it is told. Ready when the
// constructor returns; killed with the test. Not thread-safe.

#ifndef GATEHOUSE_TESTS_HARNESS_MESSAGE_PEER_H_
#define GATEHOUSE_TESTS_HARNESS_MESSAGE_PEER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::harness {

class MessagePeer {
 public:
  enum class Kind { kSmtp, kHttp };

  struct Options {
    Kind kind;
    // More of its command line: see tests/harness/peers/.
    std::vector<std::string> arguments = {};
  };

  explicit MessagePeer(Options options);

  int port() const { return port_; }

  // From now on; see the peers. Empty: it takes everything.
  void Behave(const std::string& behaviour);

  // What it took, in order: a mail, or a JSON object with the `headers` and the `body` of a
  // request.
  std::vector<std::string> Received() const;

  // How many messages it was offered, whatever it made of them.
  int Offered() const;

  void Start();  // After Kill9(), on the same port.
  void Kill9() { process_->Kill9(); }

 private:
  bool Answers() const;

  const Options options_;
  const TemporaryDirectory directory_;
  const int port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_MESSAGE_PEER_H_
