// The temporary password that an administrator's act leaves behind. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_TEMPORARY_PASSWORD_H_
#define GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_TEMPORARY_PASSWORD_H_

#include "absl/status/statusor.h"

#include "policy/policy.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/operations/passwords/new_password.h"
#include "server/secrets/secret_string.h"
#include "storage/identifiers.h"

namespace gatehouse::server {

// Hashes `given`, judged against the account as it is now, as is one that is generated where it is
// empty. Only for a call that nothing else stands against. A dry run does not compare with former
// passwords.
absl::StatusOr<NewPassword> MakeTemporaryPassword(const Dependencies& dependencies,
                                                  const CallContext& call,
                                                  const policy::Policy& policy,
                                                  const storage::AccountId& account_id,
                                                  const SecretString& given, bool dry_run);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_TEMPORARY_PASSWORD_H_
