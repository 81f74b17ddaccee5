// What a person is told out of band, written to the outbox in the transaction of what it tells.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_NOTIFICATIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_NOTIFICATIONS_H_

#include <map>
#include <string>

#include "absl/status/status.h"

#include "server/operations/call/scope.h"
#include "server/runtime/outbox/notification_kind.h"
#include "storage/records.h"

namespace gatehouse::server {

// More by name, in no language: a role's word, and never a secret.
using NotificationDetails = std::map<std::string, std::string>;

// Goes to the contact in `before`: the one known before the change. `message_id` is drawn outside
// the transaction, and makes a second delivery recognisable.
absl::Status Notify(Scope& scope, const std::string& message_id,
                    const storage::AccountRecord& before, NotificationKind kind,
                    const NotificationDetails& details = {});

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_NOTIFICATIONS_H_
