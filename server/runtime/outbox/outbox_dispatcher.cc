#include "server/runtime/outbox/outbox_dispatcher.h"

#include <utility>

namespace gatehouse::server {

OutboxDispatcher::OutboxDispatcher(storage::AccountStore& store, MessageGateway& gateway,
                                   const Clock& clock, const Logger& log, Metrics& metrics,
                                   Options options)
    : store_(store),
      gateway_(gateway),
      clock_(clock),
      log_(log),
      delivered_(metrics.ForCounter("gatehouse_outbox_delivered_total",
                                    "Messages that were handed to the gateway.")),
      failures_(metrics.ForCounter("gatehouse_outbox_failures_total",
                                   "Attempts to hand a message to the gateway that failed.")),
      failing_messages_(
          metrics.ForGauge("gatehouse_outbox_failing_messages",
                           "Messages that could not be delivered yet and are tried again.")),
      options_(std::move(options)),
      thread_([this] { Run(); }) {}

OutboxDispatcher::~OutboxDispatcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void OutboxDispatcher::Nudge() {
  {
    const std::lock_guard lock(mutex_);
    nudged_ = true;
  }
  changed_.notify_all();
}

void OutboxDispatcher::Run() {
  while (!IsStopping()) {
    if (!RunRound()) WaitForWork();
  }
}

bool OutboxDispatcher::RunRound() {
  const absl::Time now = clock_.Now();
  const absl::StatusOr<OutboxRound> round =
      DeliverDue(store_, gateway_, options_.bounds, now, [this] { return IsStopping(); });
  NoteStore(round.status());
  if (!round.ok()) return false;
  NoteMessages(*round, now);
  return !round->delivered.empty();
}

void OutboxDispatcher::NoteStore(const absl::Status& status) {
  if (status.ok() != store_fails_) return;
  store_fails_ = !status.ok();
  if (store_fails_) {
    log_.Warning("outbox_store_failing", {{"error", status.message()}});
  } else {
    log_.Info("outbox_store_recovered");
  }
}

void OutboxDispatcher::NoteMessages(const OutboxRound& round, absl::Time now) {
  const bool failed_before = !failing_.empty();
  for (const std::string& id : round.delivered) failing_.erase(id);
  for (const OutboxRound::Failure& failure : round.failed) {
    failing_[failure.message_id] = failure.again_at + options_.bounds.longest_wait;
  }
  absl::erase_if(failing_, [now](const auto& message) { return message.second < now; });
  delivered_.Increment(round.delivered.size());
  failures_.Increment(round.failed.size());
  failing_messages_.Set(static_cast<double>(failing_.size()));
  if (!failed_before && !round.failed.empty()) {
    log_.Warning("outbox_delivery_failing", {{"message_id", round.failed.front().message_id},
                                             {"error", round.failed.front().status.message()}});
  } else if (failed_before && failing_.empty()) {
    log_.Info("outbox_delivery_recovered");
  }
}

bool OutboxDispatcher::IsStopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void OutboxDispatcher::WaitForWork() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoMilliseconds(options_.interval),
                    [this] { return stopping_ || nudged_; });
  nudged_ = false;
}

}  // namespace gatehouse::server
