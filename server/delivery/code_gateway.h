// A gateway before another that opens the code in each message, as late as can be: until then it is
// sealed (server/operations/methods/code_messages.h). Thread-safe.
#ifndef GATEHOUSE_SERVER_DELIVERY_CODE_GATEWAY_H_
#define GATEHOUSE_SERVER_DELIVERY_CODE_GATEWAY_H_

#include "absl/status/status.h"

#include "server/runtime/outbox/message_gateway.h"
#include "server/secrets/key_ring.h"

namespace gatehouse::server {

class CodeGateway final : public MessageGateway {
 public:
  // Both outlive it.
  CodeGateway(const KeyRing& keys, MessageGateway& next) : keys_(keys), next_(next) {}

  // INVALID_ARGUMENT: the code cannot be opened.
  absl::Status Deliver(const outbox::v1::Message& message) override;
  void Stop() override { next_.Stop(); }

 private:
  const KeyRing& keys_;
  MessageGateway& next_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_CODE_GATEWAY_H_
