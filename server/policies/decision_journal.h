// The decisions of live traffic, kept so that another policy can be tried on them, and tried at
// once by the candidate in shadow, if there is one. A decision is never held up or changed by it:
// it is handed over through a bounded queue, and dropped and counted when that is full.
//
// What is kept is the latest of this server's decisions since its start, in memory, with facts
// normalised (policy/recording.h). Where there is a file, each is written to it too, by the
// journal's own thread, in the form that `gatehouse-policy replay` reads. Thread-safe; `metrics`
// and the file must outlive it.
#ifndef GATEHOUSE_SERVER_POLICIES_DECISION_JOURNAL_H_
#define GATEHOUSE_SERVER_POLICIES_DECISION_JOURNAL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/time/time.h"

#include "policy/decision.h"
#include "policy/facts.h"
#include "policy/policy.h"
#include "server/runtime/bounded_queue.h"
#include "server/runtime/metrics.h"
#include "server/runtime/rotated_file.h"

namespace gatehouse::server {

struct RecordedDecision {
  std::int64_t sequence = 0;  // from 1, in the order of recording
  absl::Time time;
  policy::Action::Value action = policy::Action::UNSPECIFIED;
  policy::Facts facts;        // normalised
  policy::Decision decision;  // without quotes of facts
};

class DecisionJournal {
 public:
  struct Options {
    std::size_t queue_limit = 1024;
    std::size_t kept = 5'000;  // some 6 KB each
    RotatedFile* file = nullptr;
  };
  struct Counts {
    std::int64_t recorded = 0;
    std::int64_t dropped = 0;  // for want of room in the queue
    std::int64_t kept = 0;
    std::optional<absl::Time> oldest;  // of those kept
  };
  // How the candidate in shadow decides what the active policy decided.
  struct ShadowCounts {
    std::int64_t decisions = 0;
    std::int64_t widens = 0;
    std::int64_t narrows = 0;
    std::int64_t alters = 0;
  };
  using Kept = std::shared_ptr<const RecordedDecision>;

  DecisionJournal(Metrics& metrics, Options options);
  ~DecisionJournal();
  DecisionJournal(const DecisionJournal&) = delete;
  DecisionJournal& operator=(const DecisionJournal&) = delete;

  // Takes note of a decision that was made on `facts`. Waits for nobody.
  void Record(policy::Action::Value action, const policy::Facts& facts,
              const policy::Decision& decision);

  // Null: none. Counting begins anew.
  void SetShadow(std::shared_ptr<const policy::Policy> shadow);
  std::shared_ptr<const policy::Policy> shadow() const;
  ShadowCounts shadow_counts() const;

  Counts counts() const;
  // Those kept with a higher sequence, in order.
  std::vector<Kept> ReadAfter(std::int64_t sequence) const;
  // Waits until everything recorded before is kept and counted.
  void Flush();

 private:
  struct Entry {
    policy::Action::Value action = policy::Action::UNSPECIFIED;
    policy::Facts facts;
    policy::Decision decision;
  };

  void Work();
  void Drain();
  void Keep(Entry entry);
  void Write(const RecordedDecision& decision);
  // Counts what the candidate would have decided.
  void TryShadow(const Entry& entry);

  const Options options_;
  Counter& recorded_total_;
  Counter& dropped_total_;
  Counter& unwritten_total_;
  Counter& shadow_decisions_total_;
  Counter& shadow_widens_total_;
  Counter& shadow_narrows_total_;
  Counter& shadow_alters_total_;

  BoundedQueue<std::unique_ptr<Entry>> queue_;
  std::atomic<std::int64_t> accepted_ = 0;
  std::atomic<std::int64_t> dropped_ = 0;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wanted_;
  std::condition_variable handled_changed_;
  bool stopping_ = false;
  bool flush_wanted_ = false;
  std::int64_t handled_ = 0;
  std::deque<Kept> kept_;
  std::shared_ptr<const policy::Policy> shadow_;
  ShadowCounts shadow_counts_;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_POLICIES_DECISION_JOURNAL_H_
