// Where the messages end that leave a World, by the way that they take in the server: through its
// outbox, round by round. For use by one thread.
#ifndef GATEHOUSE_TESTS_OPERATIONS_MAILBOX_H_
#define GATEHOUSE_TESTS_OPERATIONS_MAILBOX_H_

#include <vector>

#include "absl/status/status.h"

#include "gatehouse/outbox/v1/message.pb.h"
#include "server/runtime/outbox/message_gateway.h"
#include "storage/records.h"
#include "tests/operations/world.h"

namespace gatehouse::server {

class Mailbox final : public MessageGateway {
 public:
  absl::Status Deliver(const outbox::v1::Message& message) override {
    messages.push_back(message);
    return absl::OkStatus();
  }
  void Stop() override {}

  std::vector<outbox::v1::Message> messages;
};

// All that is due by now; what has had its time is thrown away.
void DeliverAll(World& world, storage::OutboxChannel channel, MessageGateway& gateway);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_OPERATIONS_MAILBOX_H_
