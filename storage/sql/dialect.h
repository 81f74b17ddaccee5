// All that differs between the engines, and the only place where it may: how to connect, begin and
// lock, what an error means, and the spelling of a column type.
//
// Thread-safe, immutable once opened. A Dialect outlives the sessions it connects.
#ifndef GATEHOUSE_STORAGE_SQL_DIALECT_H_
#define GATEHOUSE_STORAGE_SQL_DIALECT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "soci/soci.h"

namespace gatehouse::storage {

enum class Access { kReadOnly, kReadWrite };

class Dialect {
 public:
  virtual ~Dialect() = default;

  // A session ready for transactions. Throws soci::soci_error.
  virtual std::unique_ptr<soci::session> Connect(Access access) const = 0;

  // Statements.
  virtual absl::string_view begin(Access access) const = 0;
  // Gives a transaction the head of the revocation log for itself before it takes its snapshot.
  // Empty: the engine has one writer anyway.
  virtual absl::string_view lock_revocation_head() const = 0;
  // The same for the whole schema.
  virtual absl::string_view lock_schema() const = 0;

  // What {TEXT} stands for in migrations.
  virtual absl::string_view text_type() const = 0;
  // What {CLUSTERED} stands for: after a table that is best kept in order of its primary key.
  virtual absl::string_view clustered() const = 0;

  // How many transactions may write at once.
  virtual int most_writers() const = 0;

  // ABORTED: a conflict, the transaction may be run again. UNAVAILABLE: not reached, or busy for
  // too long. INTERNAL: anything else. The message holds the engine's code and never its text,
  // which may hold bound values.
  virtual absl::Status Describe(const soci::soci_error& error, soci::session& session) const = 0;
  virtual absl::Status DescribeConnect(const soci::soci_error& error) const = 0;

  // False: the session can be used no more.
  virtual bool IsUsable(soci::session& session) const = 0;
};

// For `sqlite:PATH` the file is locked against other servers until the Dialect dies; a file that is
// served already is FAILED_PRECONDITION. INVALID_ARGUMENT: no such form of URL, or one with a
// password. Does not connect. `patience` bounds a wait for a lock or a connection.
absl::StatusOr<std::unique_ptr<Dialect>> OpenDialect(absl::string_view url,
                                                     absl::Duration patience);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_DIALECT_H_
