#include "server/delivery/composing_gateway.h"

#include "absl/cleanup/cleanup.h"

#include "server/runtime/status_macros.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

absl::Status ComposingGateway::Deliver(const outbox::v1::Message& message) {
  outbox::v1::Message composed = message;
  const absl::Cleanup wipe = [&composed] {  // it may tell a code
    for (auto& [name, value] : *composed.mutable_details()) WipeString(value);
    WipeString(*composed.mutable_text()->mutable_short_());
    WipeString(*composed.mutable_text()->mutable_body());
  };
  GATEHOUSE_ASSIGN_OR_RETURN(*composed.mutable_text(), templates_.Compose(message));
  return next_->Deliver(composed);
}

}  // namespace gatehouse::server
