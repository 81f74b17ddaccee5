#include "server/runtime/outbox/outbox_round.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

absl::Time EndOf(const outbox::v1::Message& message) {
  if (!message.has_expire_time()) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(message.expire_time().seconds()) +
         absl::Nanoseconds(message.expire_time().nanos());
}

// An error as it can be kept and shown, wherever its text is from.
std::string ErrorText(const absl::Status& status) {
  constexpr size_t kLongest = 200;
  std::string text(status.message().substr(0, kLongest));
  for (char& c : text) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) c = '?';
  }
  return text;
}

OutboxRound::Failure FailureOf(const OutboxRoute& route, const storage::OutboxRecord& row,
                               absl::Status status, bool for_good, absl::Time now) {
  OutboxRound::Failure failure{.message_id = row.id,
                               .status = std::move(status),
                               .attempts = row.attempts + 1,
                               .again_at = std::nullopt};
  const OutboxBounds& bounds = route.bounds;
  if (!for_good && failure.attempts < bounds.attempts) {
    failure.again_at =
        now + JitteredWait(row.attempts, bounds.first_wait, bounds.longest_wait, route.entropy);
  }
  return failure;
}

void DeliverOne(const OutboxRoute& route, const storage::OutboxRecord& row, absl::Time now,
                absl::FunctionRef<bool()> stopping, OutboxRound& round) {
  outbox::v1::Message message;
  absl::Status status = absl::InvalidArgumentError("the message cannot be read");
  if (message.ParseFromString(row.payload)) {
    if (now >= EndOf(message)) {
      round.expired.push_back(row.id);
      return;
    }
    status = route.gateway.Deliver(message);
  }
  if (status.ok()) {
    round.delivered.push_back(row.id);
    round.refusals = 0;
    return;
  }
  if (stopping()) return;  // it may have been broken off
  const bool refused = absl::IsInvalidArgument(status);
  if (refused) ++round.refusals;
  round.gateway_is_down = absl::IsUnavailable(status) || round.refusals > route.bounds.refusals;
  const bool for_good = refused && !round.gateway_is_down;
  OutboxRound::Failure failure = FailureOf(route, row, std::move(status), for_good, now);
  failure.superfluous = message.has_expire_time() && !failure.again_at.has_value();
  round.failed.push_back(std::move(failure));
}

absl::Status NoteFailure(storage::Transaction& transaction, const OutboxRound::Failure& failure,
                         absl::Time now) {
  const std::string& id = failure.message_id;
  if (failure.superfluous) return transaction.DeleteOutbox(id);
  const std::string error = ErrorText(failure.status);
  return failure.again_at.has_value() ? transaction.PostponeOutbox(id, *failure.again_at, error)
                                      : transaction.BuryOutbox(id, now, error);
}

absl::Status Note(storage::Transaction& transaction, const OutboxRound& round, absl::Time now) {
  for (const auto* ids : {&round.delivered, &round.expired}) {
    for (const std::string& id : *ids) {
      GATEHOUSE_RETURN_IF_ERROR(transaction.DeleteOutbox(id));
    }
  }
  for (const OutboxRound::Failure& failure : round.failed) {
    GATEHOUSE_RETURN_IF_ERROR(NoteFailure(transaction, failure, now));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Duration JitteredWait(int earlier_failures, absl::Duration first, absl::Duration longest,
                            Entropy& entropy) {
  constexpr uint32_t kSteps = 1 << 16;
  absl::Duration wait = first;
  for (int i = 0; i < earlier_failures && wait < longest; ++i) wait *= 2;
  wait = std::min(wait, longest);
  return wait / 2 + wait / 2 * (static_cast<double>(entropy.Below(kSteps + 1)) / kSteps);
}

absl::StatusOr<OutboxRound> DeliverDue(const OutboxRoute& route, absl::Time now, int refusals,
                                       absl::FunctionRef<bool()> stopping) {
  std::vector<storage::OutboxRecord> due;
  GATEHOUSE_RETURN_IF_ERROR(
      route.store.Read([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(
            due, transaction.DueOutbox(route.channel, now, route.bounds.messages));
        return absl::OkStatus();
      }));
  OutboxRound round;
  round.refusals = refusals;
  for (const storage::OutboxRecord& row : due) {
    if (stopping() || round.gateway_is_down) break;
    DeliverOne(route, row, now, stopping, round);
  }
  if (round.delivered.empty() && round.expired.empty() && round.failed.empty()) return round;
  GATEHOUSE_RETURN_IF_ERROR(route.store.Transact(
      [&](storage::Transaction& transaction) { return Note(transaction, round, now); }));
  return round;
}

}  // namespace gatehouse::server
