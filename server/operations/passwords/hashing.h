// Reaching Argon2 from an operation: the gate's refusals in the API's words, and the cost that the
// policy sets. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_HASHING_H_
#define GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_HASHING_H_

#include "absl/status/statusor.h"

#include "policy/policy.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/secrets/argon2.h"
#include "server/secrets/hash_gate.h"

namespace gatehouse::server {

// Blocks for a turn. RESOURCE_EXHAUSTED / HASHING_BUSY with RetryInfo, DEADLINE_EXCEEDED,
// CANCELLED.
absl::StatusOr<HashPermit> AcquirePermit(const Dependencies& dependencies, const CallContext& call);

Argon2Parameters PasswordCost(const policy::Policy& policy);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_PASSWORDS_HASHING_H_
