// The port through which messages leave the house. Implementations are thread-safe.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_GATEWAY_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_GATEWAY_H_

#include "absl/status/status.h"

#include "gatehouse/outbox/v1/notification.pb.h"

namespace gatehouse::server {

class MessageGateway {
 public:
  virtual ~MessageGateway() = default;

  // Takes the message over for good: OK means that it survives a crash of this server. The same
  // message may come again, and must not be told twice where that can be avoided. Blocks; an error
  // means "try again later", and its text goes to the log.
  virtual absl::Status Deliver(const outbox::v1::Notification& notification) = 0;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_GATEWAY_H_
