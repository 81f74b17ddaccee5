// A real Redis on a private Unix socket, with the settings of deploy/redis.conf and its data in a
// directory that goes with it. Ready to serve when the constructor returns; killed with the test.
// Not thread-safe.

#ifndef GATEHOUSE_TESTS_HARNESS_REDIS_PROCESS_H_
#define GATEHOUSE_TESTS_HARNESS_REDIS_PROCESS_H_

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::harness {

class RedisProcess {
 public:
  struct Options {
    // Listen on a loopback TCP port too, for proxies and replicas.
    bool tcp = false;
    // More of redis.conf, over the deployed settings: {"maxmemory-policy", "allkeys-lru"}.
    std::vector<std::string> settings = {};
  };

  RedisProcess() : RedisProcess(Options()) {}
  explicit RedisProcess(Options options);

  const std::string& socket_path() const { return socket_path_; }
  // Zero without Options::tcp. The same over restarts, as the socket is.
  int port() const { return port_; }
  // As gatehouse-server's --redis takes it: unix:PATH.
  std::string url() const { return "unix:" + socket_path_; }
  // Where the append-only file lives: copied away and back between Kill9() and Start(), Redis
  // restarts with an older dump.
  std::filesystem::path data_directory() const { return directory_ / "data"; }

  // Sends one command and returns its answer as text; fatal when Redis does not answer.
  std::string Command(const std::vector<std::string>& arguments) const;

  void Start();      // After Kill9() or Terminate(), on the same data.
  void Kill9();      // At once, unsaved writes lost.
  void Terminate();  // Orderly: what it holds is on disk.
  void Pause();      // SIGSTOP: connections stay open and nothing answers.
  void Resume();
  ChildProcess& process() { return *process_; }

 private:
  Options options_;
  TemporaryDirectory directory_;
  std::string socket_path_;
  int port_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_REDIS_PROCESS_H_
