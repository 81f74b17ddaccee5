// A gateway before another that gives each message to a person its words. Thread-safe.
#ifndef GATEHOUSE_SERVER_DELIVERY_COMPOSING_GATEWAY_H_
#define GATEHOUSE_SERVER_DELIVERY_COMPOSING_GATEWAY_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"

#include "server/delivery/message_templates.h"
#include "server/runtime/outbox/message_gateway.h"

namespace gatehouse::server {

class ComposingGateway final : public MessageGateway {
 public:
  ComposingGateway(MessageTemplates templates, std::unique_ptr<MessageGateway> next)
      : templates_(std::move(templates)), next_(std::move(next)) {}

  // INVALID_ARGUMENT: there are no words for it; else what the other gateway answers.
  absl::Status Deliver(const outbox::v1::Message& message) override;
  void Stop() override { next_->Stop(); }

 private:
  const MessageTemplates templates_;
  const std::unique_ptr<MessageGateway> next_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_DELIVERY_COMPOSING_GATEWAY_H_
