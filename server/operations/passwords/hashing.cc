#include "server/operations/passwords/hashing.h"

#include "server/operations/errors.h"

namespace gatehouse::server {

absl::StatusOr<HashPermit> AcquirePermit(const Dependencies& dependencies,
                                         const CallContext& call) {
  auto permit = dependencies.hash_gate.Acquire(call.deadline, call.cancelled);
  if (absl::IsResourceExhausted(permit.status())) {
    return ErrorWithRetry(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_HASHING_BUSY,
                          "more passwords wait to be checked than this server takes; try again",
                          dependencies.hash_gate.ExpectedWait());
  }
  if (absl::IsDeadlineExceeded(permit.status())) return DeadlineExceeded();
  return permit;
}

Argon2Parameters PasswordCost(const policy::Policy& policy) {
  using policy::Parameter;
  return {.memory_kib = static_cast<uint32_t>(policy.Int(Parameter::kArgon2MemoryKib)),
          .passes = static_cast<uint32_t>(policy.Int(Parameter::kArgon2Iterations)),
          .parallelism = static_cast<uint32_t>(policy.Int(Parameter::kArgon2Parallelism))};
}

}  // namespace gatehouse::server
