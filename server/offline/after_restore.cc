#include "server/offline/after_restore.h"

#include <string>

#include "server/offline/open_store.h"
#include "server/operations/call/audit_trail.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"
#include "storage/account_store.h"

namespace gatehouse::server {

absl::Status AfterRestore(const ServerConfig& config, const Environment& environment) {
  GATEHOUSE_ASSIGN_OR_RETURN(const auto store, OpenStore(config, environment.entropy));
  const std::string incarnation = NewId(environment.entropy);
  return store->TransactRevoking([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_RETURN_IF_ERROR(transaction.StartIncarnation(incarnation));
    return AppendAudit(transaction, {.time = environment.clock.Now(),
                                     .caller = "after-restore",
                                     .action = "REVOKE_EVERYTHING",
                                     .outcome = v1::AUDIT_OUTCOME_SUCCEEDED,
                                     .details = {{"incarnation", incarnation}}});
  });
}

}  // namespace gatehouse::server
