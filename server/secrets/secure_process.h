// Keeps what is in this process's memory from leaving it by the system's own ways: core dumps,
// debuggers of the same user, and swap as far as the limits allow.
#ifndef GATEHOUSE_SERVER_SECRETS_SECURE_PROCESS_H_
#define GATEHOUSE_SERVER_SECRETS_SECURE_PROCESS_H_

#include "absl/status/status.h"

namespace gatehouse::server {

// To be called first in main, before any secret is read or any thread is started: no core dumps,
// not dumpable (hence not traceable by the same user). An error means that the process must not go
// on.
absl::Status SecureProcess();

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_SECURE_PROCESS_H_
