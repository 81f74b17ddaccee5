#include "server/operations/notifications.h"

#include "gatehouse/outbox/v1/notification.pb.h"
#include "server/operations/canonical.h"
#include "server/operations/messages.h"

namespace gatehouse::server {
namespace {

absl::string_view WordOf(NotificationKind kind) {
  switch (kind) {
    case NotificationKind::kAccountCreated:
      return "ACCOUNT_CREATED";
    case NotificationKind::kAccountResecured:
      return "ACCOUNT_RESECURED";
    case NotificationKind::kPasswordReset:
      return "PASSWORD_RESET";
    case NotificationKind::kPasswordChanged:
      return "PASSWORD_CHANGED";
    case NotificationKind::kAccountUnlocked:
      return "ACCOUNT_UNLOCKED";
    case NotificationKind::kProfileChanged:
      return "PROFILE_CHANGED";
    case NotificationKind::kRoleGranted:
      return "ROLE_GRANTED";
    case NotificationKind::kRoleWithdrawn:
      return "ROLE_WITHDRAWN";
    case NotificationKind::kSessionsRevoked:
      return "SESSIONS_REVOKED";
  }
  return "";
}

}  // namespace

absl::Status Notify(Scope& scope, const std::string& message_id,
                    const storage::AccountRecord& before, NotificationKind kind,
                    const NotificationDetails& details) {
  const std::string word(WordOf(kind));
  const absl::Time now = scope.call().now;
  outbox::v1::Notification notification;
  notification.set_message_id(message_id);
  notification.set_account_id(before.id.value());
  notification.set_kind(word);
  notification.mutable_to()->set_email(before.profile.contact_email);
  notification.mutable_to()->set_phone_number(before.profile.phone_number);
  notification.set_display_name(before.profile.display_name);
  *notification.mutable_time() = ToTimestamp(now);
  notification.mutable_details()->insert(details.begin(), details.end());
  return scope.transaction().AppendOutbox({.id = message_id,
                                           .account_id = before.id,
                                           .kind = word,
                                           .payload = CanonicalBytes(notification),
                                           .created_at = now,
                                           .due_at = now});
}

}  // namespace gatehouse::server
