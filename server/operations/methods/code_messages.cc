#include "server/operations/methods/code_messages.h"

#include "absl/strings/strip.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/operations/call/canonical.h"
#include "server/operations/call/messages.h"
#include "server/runtime/outbox/notification_kind.h"

namespace gatehouse::server {

absl::Status SendCodeMessage(Scope& scope, const CodeMessage& code) {
  const std::string word(WordOf(NotificationKind::kAuthenticationCode));
  const absl::Time now = scope.call().now;
  outbox::v1::Message message;
  message.set_message_id(code.message_id);
  message.set_account_id(code.account.id.value());
  message.set_kind(word);
  message.mutable_to()->set_phone_number(code.method.phone_number);
  message.set_display_name(code.account.profile.display_name);
  *message.mutable_time() = ToTimestamp(now);
  *message.mutable_expire_time() = ToTimestamp(code.expires_at);
  (*message.mutable_details())["by"] = std::string(absl::StripPrefix(
      v1::AuthenticationMethodKind_Name(code.method.kind), "AUTHENTICATION_METHOD_KIND_"));
  message.mutable_sealed_code()->set_key_id(code.sealed.key_id);
  message.mutable_sealed_code()->set_ciphertext(code.sealed.bytes);
  return scope.transaction().AppendOutbox({.id = code.message_id,
                                           .account_id = code.account.id,
                                           .channel = storage::OutboxChannel::kCodes,
                                           .kind = word,
                                           .payload = CanonicalBytes(message),
                                           .created_at = now,
                                           .due_at = now});
}

}  // namespace gatehouse::server
