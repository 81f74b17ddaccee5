// The account store on SQLite (one server) or PostgreSQL (several), as storage/account_store.h
// promises it. Thread-safe.
//
// On SQLite, writers take turns in the order in which they came; readers go on beside them. On
// PostgreSQL transactions run side by side, and again where they conflict.
#ifndef GATEHOUSE_STORAGE_SQL_SQL_ACCOUNT_STORE_H_
#define GATEHOUSE_STORAGE_SQL_SQL_ACCOUNT_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "storage/account_store.h"

namespace gatehouse::storage {

struct SqlAccountStoreOptions {
  std::string url;          // sqlite:PATH or postgresql://...; never with a password
  std::string incarnation;  // for the revocation log of a new database: fresh and random
  int readers = 4;          // read transactions at once
  absl::Duration patience = absl::Seconds(5);  // how long one waits for a connection or a lock
};

// Opens the database, creates or upgrades its schema, and keeps other servers from a SQLite file
// until the store dies. FAILED_PRECONDITION: a newer schema, or a file that is served already.
// INVALID_ARGUMENT: the URL. UNAVAILABLE: the database cannot be reached.
absl::StatusOr<std::unique_ptr<AccountStore>> OpenSqlAccountStore(
    const SqlAccountStoreOptions& options);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_SQL_ACCOUNT_STORE_H_
