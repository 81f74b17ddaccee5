#include "tests/harness/postgres_process.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/harness/fatal.h"
#include "tests/harness/wait.h"

namespace gatehouse::harness {
namespace {

// Debian keeps a version's programs out of PATH.
constexpr char kVersions[] = "/usr/lib/postgresql";
constexpr char kRole[] = "gatehouse";

std::optional<User> UnprivilegedUser() {
  if (geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = getpwnam(name)) return User{entry->pw_uid, entry->pw_gid};
  }
  Fatal("PostgreSQL refuses root, and neither 'postgres' nor 'nobody' exists");
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

}  // namespace

PostgresProcess::PostgresProcess(Options options) : options_(options), user_(UnprivilegedUser()) {
  if (user_.has_value() && chown(directory_.path().c_str(), user_->uid, user_->gid) != 0) {
    Fatal(absl::StrCat("chown ", directory_.path().string(), ": ", std::strerror(errno)));
  }
  Initialise();
  Start();
}

std::string PostgresProcess::CreateDatabase() {
  const std::string name = absl::StrCat("gatehouse_", ++databases_);
  Execute("postgres", absl::StrCat("CREATE DATABASE ", name));
  return url(name);
}

std::string PostgresProcess::url(absl::string_view database) const {
  return absl::StrCat("postgresql://", kRole, "@/", database, "?host=", directory_.path().string());
}

void PostgresProcess::Execute(absl::string_view database, const std::string& statement) const {
  const Connection connection(PQconnectdb(url(database).c_str()), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQexec(connection.get(), statement.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    Fatal(absl::StrCat(statement, ": ", PQerrorMessage(connection.get())));
  }
}

void PostgresProcess::Start() {
  std::vector<std::string> arguments = {Program("postgres").string(),
                                        "-D",
                                        (directory_ / "data").string(),
                                        "-k",
                                        directory_.path().string(),
                                        "-c",
                                        "listen_addresses="};
  if (!options_.force_to_disk) arguments.insert(arguments.end(), {"-c", "fsync=off"});
  process_.reset();
  // SIGQUIT: it leaves at once and takes its shared memory with it, which SIGKILL would leave
  // behind.
  process_ =
      std::make_unique<ChildProcess>(ChildProcess::Options{.arguments = std::move(arguments),
                                                           .log = directory_ / "postgres.log",
                                                           .user = user_,
                                                           .death_signal = SIGQUIT});
  process_->WaitUntilReady([this] { return PQping(url("postgres").c_str()) == PQPING_OK; });
}

void PostgresProcess::Kill9() { process_->Kill9(); }

void PostgresProcess::Terminate() {
  process_->Signal(SIGINT);  // Fast: SIGTERM would wait for clients to leave.
  process_->Wait();
}

void PostgresProcess::Pause() { process_->Signal(SIGSTOP); }

void PostgresProcess::Resume() { process_->Signal(SIGCONT); }

std::filesystem::path PostgresProcess::Program(absl::string_view name) const {
  std::filesystem::path newest;
  std::error_code missing;
  for (const auto& version : std::filesystem::directory_iterator(kVersions, missing)) {
    const std::filesystem::path program = version.path() / "bin" / std::string(name);
    if (std::filesystem::exists(program) && program > newest) newest = program;
  }
  return newest.empty() ? std::filesystem::path(std::string(name)) : newest;
}

void PostgresProcess::Initialise() {
  const std::filesystem::path log = directory_ / "initdb.log";
  ChildProcess initdb(
      {.arguments = {Program("initdb").string(), "--no-sync", "--auth=trust", "--encoding=UTF8",
                     "--locale=C.UTF-8", absl::StrCat("--username=", kRole),
                     absl::StrCat("--pgdata=", (directory_ / "data").string())},
       .log = log,
       .user = user_});
  if (initdb.Wait() != 0) Fatal(absl::StrCat("initdb failed:\n", initdb.LogText()));
}

}  // namespace gatehouse::harness
