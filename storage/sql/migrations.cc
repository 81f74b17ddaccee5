#include "storage/sql/migrations.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace gatehouse::storage {
namespace {

// Statements end with a semicolon at the end of a line; comments have lines of their own.
std::vector<std::string> Statements(absl::string_view script, const Dialect& dialect) {
  const std::string code = absl::StrJoin(
      absl::StrSplit(script, '\n',
                     [](absl::string_view line) { return !absl::StartsWith(line, "--"); }),
      "\n");
  return absl::StrSplit(absl::StrReplaceAll(code, {{"{TEXT}", dialect.text_type()},
                                                   {"{CLUSTERED}", dialect.clustered()}}),
                        ";\n", absl::SkipWhitespace());
}

absl::Status RunScript(Connection& connection, absl::string_view script) {
  for (const std::string& statement : Statements(script, connection.dialect())) {
    if (absl::Status status = connection.Run(statement); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Upgrade(Connection& connection, absl::string_view incarnation) {
  absl::Status status =
      connection.Run("CREATE TABLE IF NOT EXISTS gatehouse_schema (version BIGINT NOT NULL)");
  if (!status.ok()) return status;
  if (const absl::string_view lock = connection.dialect().lock_schema(); !lock.empty()) {
    if (status = connection.Run(lock); !status.ok()) return status;
  }
  const absl::StatusOr<std::int64_t> stored = SchemaVersion(connection);
  if (!stored.ok()) return stored.status();
  const auto known = static_cast<std::int64_t>(Migrations().size());
  if (*stored > known) {
    return absl::FailedPreconditionError(
        absl::StrCat("the database has schema version ", *stored, ", newer than version ", known,
                     " that this gatehouse-server knows: start the newer one that wrote it"));
  }
  for (std::int64_t version = *stored; version < known; ++version) {
    status = RunScript(connection, Migrations()[static_cast<std::size_t>(version)]);
    if (!status.ok()) return status;
    status = connection
                 .Run({"INSERT INTO gatehouse_schema (version) VALUES (:version)"}, {version + 1},
                      [](Row&) {})
                 .status();
    if (!status.ok()) return status;
  }
  if (*stored > 0) return absl::OkStatus();
  return connection
      .Run({"INSERT INTO revocation_head (id, incarnation, position) VALUES (1, :incarnation, 0)"},
           {incarnation}, [](Row&) {})
      .status();
}

}  // namespace

absl::Status Migrate(Connection& connection, absl::string_view incarnation) {
  absl::Status status = connection.Run(connection.dialect().begin(Access::kReadWrite));
  if (!status.ok()) return status;
  status = Upgrade(connection, incarnation);
  if (status.ok()) return connection.Run("COMMIT");
  const absl::Status rolled_back = connection.Run("ROLLBACK");
  return rolled_back.ok() ? status : rolled_back;
}

absl::StatusOr<std::int64_t> SchemaVersion(Connection& connection) {
  std::int64_t version = 0;
  const absl::StatusOr<std::int64_t> status =
      connection.Run({"SELECT COALESCE(MAX(version), 0) FROM gatehouse_schema", 1}, {},
                     [&version](Row& row) { version = row.Integer(); });
  if (!status.ok()) return status.status();
  return version;
}

}  // namespace gatehouse::storage
