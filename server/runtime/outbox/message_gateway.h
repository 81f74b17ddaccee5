// The port through which messages leave the house. Implementations are thread-safe.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_GATEWAY_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_GATEWAY_H_

#include "absl/status/status.h"

#include "gatehouse/outbox/v1/message.pb.h"

namespace gatehouse::server {

class MessageGateway {
 public:
  virtual ~MessageGateway() = default;

  // Takes the message over for good: OK means that it survives a crash of this server. The same
  // message may come again, and must not be told twice where that can be avoided. Blocks. The text
  // of an error goes to the log and to operators, and holds no contact and no peer's words:
  //   UNAVAILABLE        nothing can be delivered at present
  //   INVALID_ARGUMENT   this message can never be delivered
  //   anything else      not this message, not now
  virtual absl::Status Deliver(const outbox::v1::Message& message) = 0;

  // Breaks off what is being delivered, and all that comes later: UNAVAILABLE. From any thread.
  virtual void Stop() = 0;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_GATEWAY_H_
