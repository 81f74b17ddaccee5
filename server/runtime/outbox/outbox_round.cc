#include "server/runtime/outbox/outbox_round.h"

#include <algorithm>

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

absl::Status Deliver(MessageGateway& gateway, const storage::OutboxRecord& row) {
  outbox::v1::Notification notification;
  if (!notification.ParseFromString(row.payload)) {
    return absl::DataLossError("the message cannot be read");
  }
  return gateway.Deliver(notification);
}

absl::Duration WaitAfter(int earlier_failures, const OutboxBounds& bounds) {
  absl::Duration wait = bounds.first_wait;
  for (int i = 0; i < earlier_failures && wait < bounds.longest_wait; ++i) wait *= 2;
  return std::min(wait, bounds.longest_wait);
}

absl::Status Note(storage::Transaction& transaction, const OutboxRound& round) {
  for (const std::string& id : round.delivered) {
    GATEHOUSE_RETURN_IF_ERROR(transaction.DeleteOutbox(id));
  }
  for (const OutboxRound::Failure& failure : round.failed) {
    GATEHOUSE_RETURN_IF_ERROR(transaction.PostponeOutbox(failure.message_id, failure.again_at));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OutboxRound> DeliverDue(storage::AccountStore& store, MessageGateway& gateway,
                                       const OutboxBounds& bounds, absl::Time now,
                                       absl::FunctionRef<bool()> stopping) {
  std::vector<storage::OutboxRecord> due;
  GATEHOUSE_RETURN_IF_ERROR(store.Read([&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(due, transaction.DueOutbox(now, bounds.messages));
    return absl::OkStatus();
  }));
  OutboxRound round;
  for (const storage::OutboxRecord& row : due) {
    if (stopping()) break;
    absl::Status status = Deliver(gateway, row);
    if (status.ok()) {
      round.delivered.push_back(row.id);
    } else {
      round.failed.push_back({.message_id = row.id,
                              .status = std::move(status),
                              .again_at = now + WaitAfter(row.attempts, bounds)});
    }
  }
  if (round.delivered.empty() && round.failed.empty()) return round;
  GATEHOUSE_RETURN_IF_ERROR(
      store.Transact([&](storage::Transaction& transaction) { return Note(transaction, round); }));
  return round;
}

}  // namespace gatehouse::server
