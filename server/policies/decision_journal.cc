#include "server/policies/decision_journal.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "policy/json/recorded_json.h"
#include "policy/recording.h"

namespace gatehouse::server {
namespace {

// Nobody who records wakes the thread: it looks this often.
constexpr std::chrono::milliseconds kInterval(20);

absl::Time InstantOf(const policy::Facts& facts) {
  return facts.Get(policy::Fact::kNow).timestamp_value();
}

}  // namespace

DecisionJournal::DecisionJournal(Metrics& metrics, Options options)
    : options_(options),
      recorded_total_(metrics.ForCounter("gatehouse_policy_decisions_recorded_total",
                                         "Decisions that were taken note of.")),
      dropped_total_(metrics.ForCounter("gatehouse_policy_decisions_dropped_total",
                                        "Decisions that no note was taken of, for want of room.")),
      unwritten_total_(metrics.ForCounter("gatehouse_policy_decisions_unwritten_total",
                                          "Decisions that could not be written to the file.")),
      shadow_decisions_total_(
          metrics.ForCounter("gatehouse_policy_shadow_decisions_total",
                             "Decisions that the candidate in shadow made too.")),
      shadow_widens_total_(metrics.ForCounter("gatehouse_policy_shadow_widens_total",
                                              "What was refused and the candidate allows.")),
      shadow_narrows_total_(metrics.ForCounter("gatehouse_policy_shadow_narrows_total",
                                               "What was allowed and the candidate refuses.")),
      shadow_alters_total_(metrics.ForCounter(
          "gatehouse_policy_shadow_alters_total",
          "What the candidate decides alike, for other reasons or with other obligations.")),
      queue_(options.queue_limit),
      thread_([this] { Work(); }) {}

DecisionJournal::~DecisionJournal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  thread_.join();
}

void DecisionJournal::Record(policy::Action::Value action, const policy::Facts& facts,
                             const policy::Decision& decision) {
  if (!facts.IsKnown(policy::Fact::kNow)) return;
  auto entry = std::make_unique<Entry>(Entry{action, policy::Copy(facts), decision});
  if (queue_.TryPush(std::move(entry))) {
    accepted_.fetch_add(1);
    recorded_total_.Increment();
  } else {
    dropped_.fetch_add(1);
    dropped_total_.Increment();
  }
}

void DecisionJournal::SetShadow(std::shared_ptr<const policy::Policy> shadow) {
  const std::lock_guard lock(mutex_);
  shadow_ = std::move(shadow);
  shadow_counts_ = {};
}

std::shared_ptr<const policy::Policy> DecisionJournal::shadow() const {
  const std::lock_guard lock(mutex_);
  return shadow_;
}

DecisionJournal::ShadowCounts DecisionJournal::shadow_counts() const {
  const std::lock_guard lock(mutex_);
  return shadow_counts_;
}

DecisionJournal::Counts DecisionJournal::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts{.recorded = handled_,
                .dropped = dropped_.load(),
                .kept = static_cast<std::int64_t>(kept_.size()),
                .oldest = std::nullopt};
  if (!kept_.empty()) counts.oldest = kept_.front()->time;
  return counts;
}

std::vector<DecisionJournal::Kept> DecisionJournal::ReadAfter(std::int64_t sequence) const {
  const std::lock_guard lock(mutex_);
  const auto first = std::ranges::upper_bound(
      kept_, sequence, {}, [](const Kept& decision) { return decision->sequence; });
  return {first, kept_.end()};
}

void DecisionJournal::Flush() {
  std::unique_lock lock(mutex_);
  const std::int64_t accepted = accepted_.load();
  flush_wanted_ = true;
  wanted_.notify_all();
  handled_changed_.wait(lock, [&] { return handled_ >= accepted; });
}

void DecisionJournal::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool is_last = stopping_;
    flush_wanted_ = false;
    lock.unlock();
    Drain();
    lock.lock();
    if (is_last) return;
    wanted_.wait_for(lock, kInterval, [this] { return stopping_ || flush_wanted_; });
  }
}

void DecisionJournal::Drain() {
  while (std::optional<std::unique_ptr<Entry>> entry = queue_.TryPop()) {
    TryShadow(**entry);
    Keep(std::move(**entry));
  }
}

void DecisionJournal::Keep(Entry entry) {
  auto decision = std::make_shared<RecordedDecision>();
  decision->time = InstantOf(entry.facts);
  decision->action = entry.action;
  decision->facts = policy::Normalise(entry.facts);
  decision->decision = policy::WithoutQuotes(entry.decision);
  Write(*decision);
  {
    const std::lock_guard lock(mutex_);
    decision->sequence = ++handled_;
    kept_.push_back(std::move(decision));
    if (kept_.size() > options_.kept) kept_.pop_front();
  }
  handled_changed_.notify_all();
}

void DecisionJournal::Write(const RecordedDecision& decision) {
  if (options_.file == nullptr) return;
  const std::string line =
      policy::WriteRecorded(decision.action, decision.facts, decision.decision);
  if (!options_.file->Append(line)) unwritten_total_.Increment();
}

void DecisionJournal::TryShadow(const Entry& entry) {
  const std::shared_ptr<const policy::Policy> candidate = shadow();
  if (candidate == nullptr) return;
  const policy::Change change =
      policy::Compare(entry.decision, candidate->Decide(entry.action, entry.facts));
  const bool widens = change == policy::Change::kWidens;
  const bool narrows = change == policy::Change::kNarrows;
  const bool alters = change == policy::Change::kAlters;
  shadow_decisions_total_.Increment();
  if (widens) shadow_widens_total_.Increment();
  if (narrows) shadow_narrows_total_.Increment();
  if (alters) shadow_alters_total_.Increment();

  const std::lock_guard lock(mutex_);
  if (shadow_ != candidate) return;
  ++shadow_counts_.decisions;
  shadow_counts_.widens += widens;
  shadow_counts_.narrows += narrows;
  shadow_counts_.alters += alters;
}

}  // namespace gatehouse::server
