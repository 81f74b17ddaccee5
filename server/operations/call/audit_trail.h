// Appending to an organisation's audit log. Each event's digest is the SHA-256 of the one before it
// and the event's canonical bytes, so that a changed, missing or moved event shows. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_AUDIT_TRAIL_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_AUDIT_TRAIL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "storage/account_store.h"
#include "storage/records.h"

namespace gatehouse::server {

// What an event's chain_sha256 must be, given that of the one before it (empty for the first).
std::string ChainDigest(absl::string_view previous, const storage::AuditRecord& audit);

// Gives the event its sequence and digest, and stores it.
absl::Status AppendAudit(storage::Transaction& transaction, storage::AuditRecord audit);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_AUDIT_TRAIL_H_
