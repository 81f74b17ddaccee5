#include "server/operations/call/notifications.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/operations/call/canonical.h"
#include "server/operations/call/messages.h"

namespace gatehouse::server {
absl::Status Notify(Scope& scope, const std::string& message_id,
                    const storage::AccountRecord& before, NotificationKind kind,
                    const NotificationDetails& details) {
  const std::string word(WordOf(kind));
  const absl::Time now = scope.call().now;
  outbox::v1::Message message;
  message.set_message_id(message_id);
  message.set_account_id(before.id.value());
  message.set_kind(word);
  message.mutable_to()->set_email(before.profile.contact_email);
  message.mutable_to()->set_phone_number(before.profile.phone_number);
  message.set_display_name(before.profile.display_name);
  *message.mutable_time() = ToTimestamp(now);
  message.mutable_details()->insert(details.begin(), details.end());
  return scope.transaction().AppendOutbox({.id = message_id,
                                           .account_id = before.id,
                                           .channel = storage::OutboxChannel::kPeople,
                                           .kind = word,
                                           .payload = CanonicalBytes(message),
                                           .created_at = now,
                                           .due_at = now});
}

}  // namespace gatehouse::server
