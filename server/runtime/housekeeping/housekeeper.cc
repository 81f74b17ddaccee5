#include "server/runtime/housekeeping/housekeeper.h"

#include <string>
#include <utility>

namespace gatehouse::server {
namespace {

using storage::Perishable;

std::string NameOf(Perishable what) {
  switch (what) {
    case Perishable::kRevocations:
      return "revocations";
    case Perishable::kReplays:
      return "replays";
    case Perishable::kUnknownNameFailures:
      return "unknown_name_failures";
    case Perishable::kUnknownNameReservations:
      return "unknown_name_reservations";
    case Perishable::kSourceFailures:
      return "source_failures";
    case Perishable::kImportedItems:
      return "imported_items";
    case Perishable::kProofs:
      return "proofs";
    case Perishable::kCodeEvents:
      return "code_events";
    case Perishable::kUnconfirmedMethods:
      return "unconfirmed_methods";
    case Perishable::kVerifications:
      return "verifications";
  }
  return "unknown";
}

std::map<Perishable, Counter*> CountersOf(Metrics& metrics) {
  std::map<Perishable, Counter*> counters;
  for (const Perishable what : storage::kPerishables) {
    counters[what] = &metrics.ForCounter("gatehouse_tidied_rows_total",
                                         "Rows that had had their time and were deleted, by kind.",
                                         {{"kind", NameOf(what)}});
  }
  return counters;
}

}  // namespace

Housekeeper::Housekeeper(storage::AccountStore& store, const Clock& clock, const Logger& log,
                         Metrics& metrics, Options options)
    : store_(store),
      clock_(clock),
      log_(log),
      tidied_rows_(CountersOf(metrics)),
      last_success_(metrics.ForGauge("gatehouse_tidy_last_success_timestamp_seconds",
                                     "When the account store was last swept to the end.")),
      options_(std::move(options)),
      thread_([this] { Run(); }) {}

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Housekeeper::Run() {
  while (!IsStopping()) {
    RunSweep();
    WaitForNext();
  }
}

void Housekeeper::RunSweep() {
  const auto count = [this](Perishable what, std::int64_t rows) {
    tidied_rows_.at(what)->Increment(static_cast<std::uint64_t>(rows));
  };
  const auto stopping = [this] { return IsStopping(); };
  const absl::Time now = clock_.Now();
  absl::Status status = Sweep(store_, options_.sweep, now, count, stopping);
  if (status.ok() && options_.further) status = options_.further(now, stopping);
  Note(status);
}

void Housekeeper::Note(const absl::Status& status) {
  if (status.ok()) last_success_.Set(absl::ToDoubleSeconds(clock_.Now() - absl::UnixEpoch()));
  if (status.ok() != failing_) return;
  failing_ = !status.ok();
  if (failing_) {
    log_.Warning("tidying_failing", {{"error", status.message()}});
  } else {
    log_.Info("tidying_recovered");
  }
}

bool Housekeeper::IsStopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Housekeeper::WaitForNext() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoMilliseconds(options_.interval),
                    [this] { return stopping_; });
}

}  // namespace gatehouse::server
