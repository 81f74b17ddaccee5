#include "server/runtime/outbox/outbox_dispatcher.h"

#include "absl/strings/str_cat.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::string_view NameOf(storage::OutboxChannel channel) {
  switch (channel) {
    case storage::OutboxChannel::kPeople:
      return "notifications";
    case storage::OutboxChannel::kDirectories:
      return "directory_events";
    case storage::OutboxChannel::kCodes:
      return "codes";
  }
  return "unknown";
}

OutboxDispatcher::Instruments::Instruments(absl::string_view named, Metrics& metrics)
    : name(named),
      delivered(metrics.ForCounter(absl::StrCat("gatehouse_outbox_", name, "_delivered_total"),
                                   "Messages that were handed to the gateway.")),
      failures(metrics.ForCounter(absl::StrCat("gatehouse_outbox_", name, "_failures_total"),
                                  "Attempts to hand a message to the gateway that failed.")),
      expired(metrics.ForCounter(absl::StrCat("gatehouse_outbox_", name, "_expired_total"),
                                 "Messages that were thrown away, being of no use any more.")),
      waiting(metrics.ForGauge(absl::StrCat("gatehouse_outbox_", name, "_waiting"),
                               "Messages that are to be delivered.")),
      failing(metrics.ForGauge(absl::StrCat("gatehouse_outbox_", name, "_failing"),
                               "Messages that could not be delivered yet and are tried again.")),
      dead(metrics.ForGauge(absl::StrCat("gatehouse_outbox_", name, "_dead"),
                            "Messages that are not tried again until an operator says so.")) {}

OutboxDispatcher::OutboxDispatcher(const OutboxRoute& route, const Clock& clock, const Logger& log,
                                   Metrics& metrics, const Options& options)
    : route_(route),
      clock_(clock),
      log_(log),
      options_(options),
      instruments_(NameOf(route.channel), metrics),
      thread_([this] { Run(); }) {}

OutboxDispatcher::~OutboxDispatcher() {
  Stop();
  thread_.join();
}

void OutboxDispatcher::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  route_.gateway.Stop();
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
  if (clock_.Monotonic() < paused_until_) {
    Count(/*now=*/false);
    return false;
  }
  // A round through a slow gateway ends early, so that a crash repeats little.
  const absl::Duration end = clock_.Monotonic() + options_.interval;
  const absl::StatusOr<OutboxRound> round = DeliverDue(
      route_, clock_.Now(), refusals_, [&] { return IsStopping() || clock_.Monotonic() > end; });
  NoteStore(round.status());
  if (!round.ok()) return false;
  refusals_ = round->refusals;
  NoteGateway(*round);
  NoteMessages(*round);
  Count(/*now=*/!round->failed.empty() || (deliveries_fail_ && !round->delivered.empty()));
  const bool has_progress = !round->delivered.empty() || !round->expired.empty();
  return has_progress && !round->gateway_is_down;
}

void OutboxDispatcher::NoteStore(const absl::Status& status) {
  if (status.ok() != store_fails_) return;
  store_fails_ = !status.ok();
  if (store_fails_) {
    log_.Warning("outbox_store_failing",
                 {{"channel", instruments_.name}, {"error", status.message()}});
  } else {
    log_.Info("outbox_store_recovered", {{"channel", instruments_.name}});
  }
}

void OutboxDispatcher::NoteGateway(const OutboxRound& round) {
  if (!round.gateway_is_down) {
    if (!round.delivered.empty()) failures_of_gateway_ = 0;
    return;
  }
  paused_until_ = clock_.Monotonic() + JitteredWait(failures_of_gateway_, options_.interval,
                                                    options_.longest_pause, route_.entropy);
  ++failures_of_gateway_;
}

void OutboxDispatcher::NoteMessages(const OutboxRound& round) {
  instruments_.delivered.Increment(round.delivered.size());
  instruments_.failures.Increment(round.failed.size());
  instruments_.expired.Increment(round.expired.size());
  for (const OutboxRound::Failure& failure : round.failed) {
    if (failure.superfluous) instruments_.expired.Increment();
    if (!failure.again_at.has_value()) {
      log_.Error(failure.superfluous ? "outbox_message_thrown_away" : "outbox_message_dead",
                 {{"channel", instruments_.name},
                  {"message_id", failure.message_id},
                  {"attempts", failure.attempts},
                  {"error", failure.status.message()}});
    } else if (!deliveries_fail_) {
      deliveries_fail_ = true;
      log_.Warning("outbox_delivery_failing", {{"channel", instruments_.name},
                                               {"message_id", failure.message_id},
                                               {"error", failure.status.message()}});
    }
  }
}

void OutboxDispatcher::Count(bool now) {
  if (!now && clock_.Monotonic() < count_at_) return;
  count_at_ = clock_.Monotonic() + options_.count_interval;
  storage::OutboxSummary summary;
  const absl::Status counted =
      route_.store.Read([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(summary, transaction.SummariseOutbox(route_.channel));
        return absl::OkStatus();
      });
  NoteStore(counted);
  if (!counted.ok()) return;
  instruments_.waiting.Set(static_cast<double>(summary.waiting));
  instruments_.failing.Set(static_cast<double>(summary.failing));
  instruments_.dead.Set(static_cast<double>(summary.dead));
  if (!deliveries_fail_ || summary.failing > 0) return;
  deliveries_fail_ = false;
  log_.Info("outbox_delivery_recovered", {{"channel", instruments_.name}});
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
