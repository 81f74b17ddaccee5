// One session with the database, and the statements prepared on it: each once, when first used.
// Belongs to one thread at a time. No exception leaves it.
#ifndef GATEHOUSE_STORAGE_SQL_CONNECTION_H_
#define GATEHOUSE_STORAGE_SQL_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "soci/soci.h"

#include "storage/sql/dialect.h"
#include "storage/sql/values.h"

namespace gatehouse::storage {

// A statement that answers with rows of `columns` columns. Each placeholder `:name` stands once,
// and takes the parameter of the same rank, always of the same kind.
struct Sql {
  absl::string_view text;
  int columns = 0;
};

class Connection {
 public:
  // `dialect` outlives the connection.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Dialect& dialect, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs a statement to its end, so that nothing of it is open at COMMIT; answers how many rows it
  // changed. Errors as Dialect::Describe; INVALID_ARGUMENT for text that cannot be kept, in which
  // case nothing was run.
  absl::StatusOr<std::int64_t> Run(const Sql& sql, absl::Span<const Parameter> parameters,
                                   absl::FunctionRef<void(Row&)> each_row);
  absl::Status Run(absl::string_view text);

  const Dialect& dialect() const { return dialect_; }
  bool IsUsable() const { return dialect_.IsUsable(*session_); }

 private:
  class Prepared;

  Connection(const Dialect& dialect, std::unique_ptr<soci::session> session);

  Prepared& Prepare(const Sql& sql, absl::Span<const Parameter> parameters);

  const Dialect& dialect_;
  const std::unique_ptr<soci::session> session_;  // outlives what is prepared on it
  absl::flat_hash_map<std::string, std::unique_ptr<Prepared>> prepared_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_CONNECTION_H_
