#include "storage/sql/dialect.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "soci/postgresql/soci-postgresql.h"
#include "soci/sqlite3/soci-sqlite3.h"

namespace gatehouse::storage {
namespace {

// An advisory lock that ends with its holder, however it ends. It lies beside the database, since
// closing a second descriptor of the database itself would drop SQLite's own locks.
class ServingLock {
 public:
  static absl::StatusOr<ServingLock> Acquire(const std::string& database) {
    const std::string path = absl::StrCat(database, ".lock");
    ServingLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.descriptor_ < 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("cannot open ", path, ": ", std::strerror(errno)));
    }
    if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the database ", database, " is already served by another gatehouse-server (", path,
          " is locked): stop it first, or use PostgreSQL for several servers"));
    }
    return lock;
  }

  ServingLock(ServingLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ServingLock& operator=(ServingLock&&) = delete;
  ~ServingLock() {
    if (descriptor_ >= 0) close(descriptor_);
  }

 private:
  explicit ServingLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

class SqliteDialect final : public Dialect {
 public:
  SqliteDialect(std::string path, ServingLock lock, absl::Duration patience)
      : path_(std::move(path)), lock_(std::move(lock)), patience_(patience) {}

  std::unique_ptr<soci::session> Connect(Access access) const override {
    auto session = std::make_unique<soci::session>(
        soci::sqlite3, absl::StrCat("db=\"", path_, "\" timeout=",
                                    std::max<std::int64_t>(1, absl::ToInt64Seconds(patience_))));
    sqlite_api::sqlite3_extended_result_codes(Handle(*session), 1);
    *session << "PRAGMA journal_mode=WAL";
    *session << "PRAGMA synchronous=FULL";
    *session << "PRAGMA foreign_keys=ON";
    *session << "PRAGMA mmap_size=2147418112";  // all of it: pages are read without a system call
    if (access == Access::kReadOnly) *session << "PRAGMA query_only=ON";
    return session;
  }

  // IMMEDIATE: a transaction that starts as a reader and then writes could only fail.
  absl::string_view begin(Access access) const override {
    return access == Access::kReadOnly ? "BEGIN" : "BEGIN IMMEDIATE";
  }
  absl::string_view lock_revocation_head() const override { return ""; }
  absl::string_view lock_schema() const override { return ""; }
  absl::string_view text_type() const override { return "TEXT"; }
  absl::string_view clustered() const override { return "WITHOUT ROWID"; }
  int most_writers() const override { return 1; }

  absl::Status Describe(const soci::soci_error& error, soci::session&) const override {
    return DescribeConnect(error);
  }

  absl::Status DescribeConnect(const soci::soci_error& error) const override {
    const auto* const failure = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    if (failure == nullptr) return absl::InternalError("SQLite: the driver refused a statement");
    const int code = failure->result();
    const std::string text =
        absl::StrCat("SQLite error ", code, " (", sqlite_api::sqlite3_errstr(code), ")");
    if (code == SQLITE_BUSY_SNAPSHOT) return absl::AbortedError(text);
    switch (code & 0xff) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
      case SQLITE_CANTOPEN:
      case SQLITE_FULL:
      case SQLITE_IOERR:
        return absl::UnavailableError(text);
      default:
        return absl::InternalError(text);
    }
  }

  // After an input or output error a file is opened anew, so that nothing half-known stays cached.
  bool IsUsable(soci::session& session) const override {
    const int code = sqlite_api::sqlite3_errcode(Handle(session)) & 0xff;
    return code != SQLITE_IOERR && code != SQLITE_CORRUPT;
  }

 private:
  static sqlite_api::sqlite3* Handle(soci::session& session) {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  }

  const std::string path_;
  const ServingLock lock_;
  const absl::Duration patience_;
};

class PostgresDialect final : public Dialect {
 public:
  explicit PostgresDialect(std::string url) : url_(std::move(url)) {}

  std::unique_ptr<soci::session> Connect(Access) const override {
    auto session = std::make_unique<soci::session>(soci::postgresql, url_);
    // A sequential scan would make a serializable transaction conflict with every writer of its
    // table, however small the table and far away the row.
    *session << "SET enable_seqscan = off";
    *session << "SET client_min_messages = error";
    return session;
  }

  // A reader needs one snapshot and no more; it conflicts with nobody.
  absl::string_view begin(Access access) const override {
    return access == Access::kReadOnly ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                                       : "BEGIN ISOLATION LEVEL SERIALIZABLE";
  }
  // LOCK takes no snapshot, so the wait for it ends in a transaction that sees what it waited for;
  // SELECT ... FOR UPDATE would end it in a serialization failure. Plain readers are not held up.
  absl::string_view lock_revocation_head() const override {
    return "LOCK TABLE revocation_head IN EXCLUSIVE MODE";
  }
  absl::string_view lock_schema() const override {
    return "LOCK TABLE gatehouse_schema IN ACCESS EXCLUSIVE MODE";
  }
  absl::string_view text_type() const override { return "TEXT COLLATE \"C\""; }
  absl::string_view clustered() const override { return ""; }
  int most_writers() const override { return 16; }

  absl::Status Describe(const soci::soci_error& error, soci::session& session) const override {
    if (!IsUsable(session)) return absl::UnavailableError("PostgreSQL closed the connection");
    const auto* const failure = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    if (failure == nullptr) {
      return absl::InternalError("PostgreSQL: the driver refused a statement");
    }
    const std::string state = failure->sqlstate();
    const std::string text = absl::StrCat("PostgreSQL error ", state);
    // serialization_failure, deadlock_detected; unique_violation, when two transactions raced past
    // the same look-up: the second run finds the row.
    if (state == "40001" || state == "40P01" || state == "23505") return absl::AbortedError(text);
    // Connection, resources, operator intervention, read-only standby.
    for (const absl::string_view unavailable : {"08", "53", "57", "25006"}) {
      if (absl::StartsWith(state, unavailable)) return absl::UnavailableError(text);
    }
    return absl::InternalError(text);
  }

  absl::Status DescribeConnect(const soci::soci_error&) const override {
    return absl::UnavailableError("PostgreSQL cannot be reached");
  }

  bool IsUsable(soci::session& session) const override {
    const auto* const backend =
        static_cast<const soci::postgresql_session_backend*>(session.get_backend());
    return backend != nullptr && PQstatus(backend->conn_) == CONNECTION_OK;
  }

 private:
  const std::string url_;
};

absl::StatusOr<std::unique_ptr<Dialect>> OpenSqlite(absl::string_view path,
                                                    absl::Duration patience) {
  if (path.empty() || absl::StrContains(path, '"')) {
    return absl::InvalidArgumentError("sqlite:PATH needs a path without quotation marks");
  }
  // One file, one lock, under whatever name it was given.
  std::error_code error;
  const auto canonical = std::filesystem::weakly_canonical(std::string(path), error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("sqlite:", path, ": ", error.message()));
  }
  absl::StatusOr<ServingLock> lock = ServingLock::Acquire(canonical.string());
  if (!lock.ok()) return lock.status();
  // For this user alone from the first moment on; SQLite gives its other files the same mode.
  const int created = open(canonical.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (created < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open ", canonical.string(), ": ", std::strerror(errno)));
  }
  close(created);
  return std::make_unique<SqliteDialect>(canonical.string(), *std::move(lock), patience);
}

absl::StatusOr<std::unique_ptr<Dialect>> OpenPostgres(absl::string_view url,
                                                      absl::Duration patience) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(std::string(url).c_str(), nullptr), &PQconninfoFree);
  if (options == nullptr) {
    return absl::InvalidArgumentError("the database URL is not one that PostgreSQL understands");
  }
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (absl::string_view(option->keyword) == "password" && option->val != nullptr) {
      return absl::InvalidArgumentError(
          "a database URL must not hold a password: put it into the file that PGPASSFILE names");
    }
  }
  const std::int64_t seconds = std::max<std::int64_t>(2, absl::ToInt64Seconds(patience));
  return std::make_unique<PostgresDialect>(
      absl::StrCat(url, absl::StrContains(url, '?') ? "&" : "?", "connect_timeout=", seconds,
                   "&tcp_user_timeout=", seconds * 1000, "&application_name=gatehouse"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dialect>> OpenDialect(absl::string_view url,
                                                     absl::Duration patience) {
  if (absl::ConsumePrefix(&url, "sqlite:")) return OpenSqlite(url, patience);
  if (absl::StartsWith(url, "postgresql://")) return OpenPostgres(url, patience);
  return absl::InvalidArgumentError(
      "the database must be given as sqlite:PATH or postgresql://...");
}

}  // namespace gatehouse::storage
