// The database that the settings name, opened for one command. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_OPEN_STORE_H_
#define GATEHOUSE_SERVER_OFFLINE_OPEN_STORE_H_

#include <memory>

#include "absl/status/statusor.h"

#include "server/config.h"
#include "server/runtime/entropy.h"
#include "storage/account_store.h"

namespace gatehouse::server {

// FAILED_PRECONDITION where a server holds it (SQLite); else what opening it answers.
absl::StatusOr<std::unique_ptr<storage::AccountStore>> OpenStore(const ServerConfig& config,
                                                                 Entropy& entropy);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_OPEN_STORE_H_
