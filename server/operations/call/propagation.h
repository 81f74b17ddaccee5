// What directories have to know of an account, written to the outbox in the transaction of the
// change: who may use it, and that a password they may have kept is void.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_PROPAGATION_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_PROPAGATION_H_

#include <string>

#include "absl/status/status.h"

#include "server/operations/call/scope.h"
#include "storage/records.h"

namespace gatehouse::server {

// Nothing, unless status, organisation, username or password differ. `after` is the account as it
// was saved; `before` is an empty record for one that is new. `cause_id`, drawn outside the
// transaction, is the id of what changed it, and makes a second delivery recognisable.
absl::Status Propagate(Scope& scope, const std::string& cause_id,
                       const storage::AccountRecord& before, const storage::AccountRecord& after);

// The same for what time alone has made of the account.
absl::Status TellDirectories(Scope& scope, const std::string& cause_id,
                             const storage::AccountRecord& after);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_PROPAGATION_H_
