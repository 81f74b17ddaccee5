// Brings a database to the schema of this build. The scripts in migrations/ are part of the binary;
// their rank is the version that they lead to. Stateless.
#ifndef GATEHOUSE_STORAGE_SQL_MIGRATIONS_H_
#define GATEHOUSE_STORAGE_SQL_MIGRATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "storage/sql/connection.h"

namespace gatehouse::storage {

// In order; the text of each script.
const std::vector<absl::string_view>& Migrations();

// Runs what is missing, all or nothing. A new database's revocation log begins with `incarnation`.
// FAILED_PRECONDITION: the database has a newer schema than this build knows.
absl::Status Migrate(Connection& connection, absl::string_view incarnation);

// The version of the schema as stored; in a transaction of the caller's.
absl::StatusOr<std::int64_t> SchemaVersion(Connection& connection);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_MIGRATIONS_H_
