// One round of delivery from the outbox: a step without a thread or state of its own, so that it
// can be tried step by step. Thread-safe; two rounds at once only deliver twice.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_ROUND_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_ROUND_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/runtime/outbox/message_gateway.h"
#include "storage/account_store.h"

namespace gatehouse::server {

struct OutboxBounds {
  int messages = 100;                              // in one round
  absl::Duration first_wait = absl::Seconds(1);    // after the first failure; doubled by each
  absl::Duration longest_wait = absl::Minutes(5);  // further one, up to this
};

struct OutboxRound {
  struct Failure {
    std::string message_id;
    absl::Status status;
    absl::Time again_at;
  };
  std::vector<std::string> delivered;  // ids
  std::vector<Failure> failed;
};

// Delivers what is due at `now`, of each account its oldest message, until `stopping` says so; then
// notes in one transaction what was delivered and when the rest is tried again. Until a message is
// delivered the later ones of its account wait behind it. An error is the store's: what the round
// delivered will be delivered again.
absl::StatusOr<OutboxRound> DeliverDue(storage::AccountStore& store, MessageGateway& gateway,
                                       const OutboxBounds& bounds, absl::Time now,
                                       absl::FunctionRef<bool()> stopping);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_ROUND_H_
