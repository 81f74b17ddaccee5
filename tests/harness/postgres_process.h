// A real PostgreSQL cluster of its own: initialised in a directory that goes with it, reached over
// a private Unix socket alone, run as an unprivileged user where the test is root (PostgreSQL
// refuses root). Ready to serve when the constructor returns; stopped with the test. The system's
// clusters and services are neither used nor disturbed.
//
// Commits survive Kill9(), as they must; they are not forced to the disk unless asked, which only a
// power cut of the machine could tell. Not thread-safe.

#ifndef GATEHOUSE_TESTS_HARNESS_POSTGRES_PROCESS_H_
#define GATEHOUSE_TESTS_HARNESS_POSTGRES_PROCESS_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::harness {

class PostgresProcess {
 public:
  struct Options {
    // For figures that shall be honest about durability.
    bool force_to_disk = false;
  };

  PostgresProcess() : PostgresProcess(Options()) {}
  explicit PostgresProcess(Options options);

  // A new, empty database; its URL as gatehouse-server's --database and libpq take it. A cluster
  // costs half a second and a database a tenth of that, so share the cluster between tests.
  std::string CreateDatabase();

  // The URL of a database of this cluster; "postgres" always exists.
  std::string url(absl::string_view database) const;

  // Runs one statement in a database; fatal when it fails.
  void Execute(absl::string_view database, const std::string& statement) const;

  void Start();  // After Kill9() or Terminate(), on the same data.
  void Kill9();  // The postmaster; its backends follow by themselves.
  void Terminate();
  void Pause();  // SIGSTOP of the postmaster: no new connections; open ones go on.
  void Resume();
  ChildProcess& process() { return *process_; }

 private:
  std::filesystem::path Program(absl::string_view name) const;
  void Initialise();

  Options options_;
  TemporaryDirectory directory_;
  std::optional<User> user_;
  int databases_ = 0;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace gatehouse::harness

#endif  // GATEHOUSE_TESTS_HARNESS_POSTGRES_PROCESS_H_
