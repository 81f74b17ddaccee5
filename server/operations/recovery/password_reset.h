// What the steps of a password reset have in common. Each finds the reset by its id in its own
// transaction; how far it has come is in its record, and nowhere else. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_RECOVERY_PASSWORD_RESET_H_
#define GATEHOUSE_SERVER_OPERATIONS_RECOVERY_PASSWORD_RESET_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "server/operations/call/mutation_scope.h"
#include "server/operations/methods/proofs.h"
#include "server/secrets/key_ring.h"

namespace gatehouse::server {

absl::Status ResetInvalid();

// FAILED_PRECONDITION / RESET_INVALID whatever is wrong with the id.
absl::StatusOr<OpenProof> FindReset(MutationScope& scope, const KeyRing& keys,
                                    const std::string& reset_id);

// What the policy has to know of a reset by whose methods it was proven. Only of one of an account.
absl::StatusOr<policy::Facts> FactsOfReset(MutationScope& scope, const OpenProof& proof);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_RECOVERY_PASSWORD_RESET_H_
