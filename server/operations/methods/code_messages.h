// A code on its way to a person, as it waits in the outbox: sealed, so that whoever reads the
// database has no code, and with an end, after which it is thrown away and not delivered.
// Thread-safe; errors are the store's.
#ifndef GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_MESSAGES_H_
#define GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_MESSAGES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/operations/call/scope.h"
#include "server/secrets/key_ring.h"
#include "storage/authentication_records.h"
#include "storage/records.h"

namespace gatehouse::server {

struct CodeMessage {
  const std::string& message_id;
  const storage::AccountRecord& account;
  const storage::AuthenticationMethodRecord& method;  // SMS or VOICE
  const KeyRing::Sealed& sealed;                      // bound by PlaceOfCodeOnItsWay
  absl::Time expires_at;
};

absl::Status SendCodeMessage(Scope& scope, const CodeMessage& code);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_MESSAGES_H_
