#include "tests/operations/mailbox.h"

#include "absl/status/statusor.h"

#include "server/runtime/outbox/outbox_round.h"
#include "tests/harness/fatal.h"

namespace gatehouse::server {

void DeliverAll(World& world, storage::OutboxChannel channel, MessageGateway& gateway) {
  const OutboxRoute route{.store = world.accounts(),
                          .channel = channel,
                          .gateway = gateway,
                          .entropy = world.dependencies().entropy};
  absl::StatusOr<OutboxRound> round;
  do {
    round = DeliverDue(route, world.clock().Now(), 0, [] { return false; });
    if (!round.ok()) harness::Fatal(round.status().ToString());
  } while (!round->delivered.empty() || !round->expired.empty());
}

}  // namespace gatehouse::server
