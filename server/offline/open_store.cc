#include "server/offline/open_store.h"

#include "server/secrets/token.h"
#include "storage/sql/sql_account_store.h"

namespace gatehouse::server {

absl::StatusOr<std::unique_ptr<storage::AccountStore>> OpenStore(const ServerConfig& config,
                                                                 Entropy& entropy) {
  return storage::OpenSqlAccountStore({.url = config.database(), .incarnation = NewId(entropy)});
}

}  // namespace gatehouse::server
