#include "server/operations/call/audit_trail.h"

#include "absl/strings/str_cat.h"
#include "sodium/crypto_hash_sha256.h"

#include "server/operations/call/canonical.h"
#include "server/operations/call/messages.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

std::string ChainDigest(absl::string_view previous, const storage::AuditRecord& audit) {
  v1::AuditEvent event = ToMessage(audit);
  event.clear_chain_sha256();
  const std::string input = absl::StrCat(previous, CanonicalBytes(event));
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(input.data()), input.size());
  return digest;
}

absl::Status AppendAudit(storage::Transaction& transaction, storage::AuditRecord audit) {
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::AuditHead head,
                             transaction.LockAuditHead(audit.organisation_id));
  audit.sequence = head.sequence + 1;
  // As the store will give it back: the digest must still fit then.
  audit.time = absl::FromUnixMicros(absl::ToUnixMicros(audit.time));
  audit.chain_sha256 = ChainDigest(head.chain_sha256, audit);
  return transaction.AppendAudit(audit);
}

}  // namespace gatehouse::server
