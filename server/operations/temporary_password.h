// The temporary password that an administrator's act leaves behind. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_TEMPORARY_PASSWORD_H_
#define GATEHOUSE_SERVER_OPERATIONS_TEMPORARY_PASSWORD_H_

#include <optional>

#include "absl/status/statusor.h"

#include "policy/facts.h"
#include "policy/policy.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/operations/new_password.h"
#include "server/secrets/secret_string.h"
#include "storage/identifiers.h"

namespace gatehouse::server {

// Hashes `given`, judged against the account as it is now; an empty one is generated instead. For
// an account that does not exist the work is the same, and the decision that follows refuses.
absl::StatusOr<NewPassword> MakeTemporaryPassword(const Dependencies& dependencies,
                                                  const CallContext& call,
                                                  const policy::Policy& policy,
                                                  const storage::AccountId& account_id,
                                                  const SecretString& given);

// password.*, also where none is set.
void SetPasswordFacts(policy::Facts& facts, const std::optional<NewPassword>& password);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_TEMPORARY_PASSWORD_H_
