// One round of delivery from the outbox: a step without a thread or state of its own, so that it
// can be tried step by step. Thread-safe; two rounds at once only deliver twice.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_ROUND_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_ROUND_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/runtime/entropy.h"
#include "server/runtime/outbox/message_gateway.h"
#include "storage/account_store.h"

namespace gatehouse::server {

struct OutboxBounds {
  int messages = 100;                               // in one round
  absl::Duration first_wait = absl::Seconds(1);     // after the first failure; doubled by each
  absl::Duration longest_wait = absl::Minutes(15);  // further one, up to this; always jittered
  int attempts = 300;                               // two days and more, then it is dead
  // So many messages in a row may be refused for good: then it is the gateway that is at fault.
  int refusals = 5;
};

// Which messages go where. What is referred to outlives the rounds.
struct OutboxRoute {
  storage::AccountStore& store;
  storage::OutboxChannel channel;
  MessageGateway& gateway;
  Entropy& entropy;
  OutboxBounds bounds{};
};

struct OutboxRound {
  struct Failure {
    std::string message_id;
    absl::Status status;
    int attempts;                        // this one included
    std::optional<absl::Time> again_at;  // nullopt: the message is dead, or
    bool superfluous = false;            // was thrown away, since it has an end and no other try
  };
  std::vector<std::string> delivered;  // ids
  std::vector<std::string> expired;    // ids of those that are of no use any more
  std::vector<Failure> failed;
  bool gateway_is_down = false;  // the round ended at a failure that is no message's fault
  int refusals = 0;              // for good, since the last delivery, earlier rounds' included
};

// From half of the wait that has grown by doubling to all of it, so that what failed together is
// not tried together.
absl::Duration JitteredWait(int earlier_failures, absl::Duration first, absl::Duration longest,
                            Entropy& entropy);

// Delivers what is due at `now`, of each account its oldest message, until `stopping` says so or
// the gateway is down; then notes in one transaction what was delivered, when the rest is tried
// again, and what is dead. A message with an end is thrown away at it, or when it is
// refused for good, and never dead: what it holds must not outlive it, nor hold up the next. Until
// a message is delivered, or dead, the later ones of its account wait behind it; while the gateway
// is down only one message a round is tried, so that an outage uses up no attempts but its own. A
// gateway that refuses one message after another, `refusals` of earlier rounds included, is down:
// what it refuses then is tried again. An error is the store's: what the round delivered will be
// delivered again.
absl::StatusOr<OutboxRound> DeliverDue(const OutboxRoute& route, absl::Time now, int refusals,
                                       absl::FunctionRef<bool()> stopping);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_ROUND_H_
