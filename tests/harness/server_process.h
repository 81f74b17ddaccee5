// The real gatehouse-server binary: on SQLite or any other database, on a given Redis, listening on
// a loopback port of its own, without TLS. Ready when Start() returns; killed with the test.
// Database, key ring and ports stay the same over restarts. Not thread-safe.

#ifndef GATEHOUSE_TESTS_HARNESS_SERVER_PROCESS_H_
#define GATEHOUSE_TESTS_HARNESS_SERVER_PROCESS_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"

#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::harness {

class ServerProcess {
 public:
  struct Options {
    std::string redis;          // As --redis takes it: RedisProcess::url().
    std::string database = "";  // As --database takes it; empty: a new SQLite file.
    std::string policy = "";    // A file; empty: the shipped rules.
    std::string keyring = "";   // Empty: a new one. Servers of one fleet share theirs.
    std::vector<std::string> flags = {};
  };

  // What `bootstrap` printed.
  struct Operator {
    std::string organisation_id;
    std::string account_id;
    std::string username;
    std::string temporary_password;
  };

  // Makes a key ring if need be; starts nothing yet.
  explicit ServerProcess(Options options);
  // Shows the log's end when the server died of itself, or when the test has failed.
  ~ServerProcess();

  // Creates the first organisation and its operator, offline: before Start(), or after Terminate().
  Operator Bootstrap(const std::string& organisation, const std::string& username);

  void Start();         // Returns once health says SERVING; fatal when it does not.
  void StartUnready();  // Returns at once: for servers that must wait, or refuse.
  void WaitUntilServing();
  bool Serving() const;
  void Kill9();
  int Terminate();  // Its exit code.
  void Pause();
  void Resume();
  void Reload();  // SIGHUP: the policy's file is read again.

  // A channel of its own each time, which does not outlive a test's hope: it reconnects within 100
  // ms.
  std::shared_ptr<grpc::Channel> NewChannel() const;

  const std::string& address() const { return address_; }
  const std::string& metrics_address() const { return metrics_address_; }
  const std::string& database() const { return options_.database; }
  const std::string& keyring() const { return options_.keyring; }
  // Where notifications are put, a file each.
  std::filesystem::path spool() const { return directory_ / "spool"; }
  std::string LogText() const { return process_->LogText(); }
  ChildProcess& process() { return *process_; }

 private:
  std::vector<std::string> Arguments() const;

  TemporaryDirectory directory_;
  Options options_;
  std::string address_;
  std::string metrics_address_;
  std::unique_ptr<ChildProcess> process_;
  bool should_run_ = false;
};

// Whether the server at the other end says SERVING.
bool Serves(const std::shared_ptr<grpc::Channel>& channel);

// Where the build puts what users run: gatehouse-server, gatehousectl, gatehouse-policy.
std::string BinaryPath(const std::string& name);

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_SERVER_PROCESS_H_
