// How long the rules let what only matters for a time matter. Pure.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_RETENTION_H_
#define GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_RETENTION_H_

#include "absl/time/time.h"

#include "policy/policy.h"
#include "storage/records.h"

namespace gatehouse::server {

// From the instant that storage::Perishable names.
absl::Duration RetentionOf(const policy::Policy& policy, storage::Perishable what);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_RETENTION_H_
