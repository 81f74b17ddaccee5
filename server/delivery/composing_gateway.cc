#include "server/delivery/composing_gateway.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status ComposingGateway::Deliver(const outbox::v1::Message& message) {
  outbox::v1::Message composed = message;
  GATEHOUSE_ASSIGN_OR_RETURN(*composed.mutable_text(), templates_.Compose(message));
  return next_->Deliver(composed);
}

}  // namespace gatehouse::server
