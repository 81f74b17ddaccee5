// `gatehouse-server after-restore`: what a database that came from a backup needs before it is
// served again. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_AFTER_RESTORE_H_
#define GATEHOUSE_SERVER_OFFLINE_AFTER_RESTORE_H_

#include "absl/status/status.h"

#include "server/assembly.h"
#include "server/config.h"

namespace gatehouse::server {

// Begins a new incarnation of the revocation log: every session from before is over, those too
// whose revocation the backup does not know. Leaves an event in the system's audit log.
absl::Status AfterRestore(const ServerConfig& config, const Environment& environment);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_AFTER_RESTORE_H_
