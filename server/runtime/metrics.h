// What the server counts about itself, in Prometheus' terms. One Metrics is one registry: nothing
// is global. Instruments are resolved by name once (under a lock) and then used through a reference
// that lives as long as the Metrics; using one takes no lock and allocates nothing, except a
// histogram's own short lock. Everything may be called from any thread. Names are fixed vocabulary
// from code, never input: a label that a client chooses would grow without bound.
#ifndef GATEHOUSE_SERVER_RUNTIME_METRICS_H_
#define GATEHOUSE_SERVER_RUNTIME_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace prometheus {
class Counter;
class Exposer;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace gatehouse::server {

// Calls of one kind: how many by status code, and how long they took.
class CallMetrics {
 public:
  void Record(absl::StatusCode code, absl::Duration latency);

 private:
  friend class Metrics;
  static constexpr size_t kCodes = 17;  // OK (0) to UNAUTHENTICATED (16)
  std::array<prometheus::Counter*, kCodes> by_code_{};
  prometheus::Histogram* latency_ = nullptr;
};

// One worker lane, or the hash gate: how many wait, and what was turned away.
class LaneMetrics {
 public:
  void SetDepth(size_t waiting);
  void CountRejected();
  void CountDropped();

 private:
  friend class Metrics;
  prometheus::Gauge* depth_ = nullptr;
  prometheus::Counter* rejected_ = nullptr;
  prometheus::Counter* dropped_ = nullptr;
};

// A number that only grows / a number that goes up and down, for what the families above do not
// say.
class Counter {
 public:
  void Increment(uint64_t by = 1);

 private:
  friend class Metrics;
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  void Set(double value);

 private:
  friend class Metrics;
  prometheus::Gauge* gauge_ = nullptr;
};

class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // gatehouse_rpc_total{method,code} and gatehouse_rpc_seconds{method}, e.g. ("CreateSession").
  CallMetrics& ForMethod(absl::string_view method);

  // gatehouse_lane_depth{lane}, gatehouse_lane_rejected_total{lane}, ..._dropped_total{lane}.
  LaneMetrics& ForLane(absl::string_view lane);

  // Further instruments by full name and, where one name counts several kinds, labels; `help` is
  // the sentence shown with it. One help a name.
  Counter& ForCounter(absl::string_view name, absl::string_view help, const Labels& labels = {});
  Gauge& ForGauge(absl::string_view name, absl::string_view help);

  // Serves the registry at http://ADDRESS/metrics until this object dies. UNAVAILABLE names the
  // address when it cannot be listened on. At most once.
  absl::Status Expose(const std::string& address);

  // What a scrape would read.
  std::string Text() const;

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<prometheus::Exposer> exposer_;

  std::mutex mutex_;  // guards the maps, not the instruments; nodes of a std::map never move
  std::map<std::string, CallMetrics, std::less<>> methods_;
  std::map<std::string, LaneMetrics, std::less<>> lanes_;
  std::map<std::pair<std::string, Labels>, Counter> counters_;
  std::map<std::string, Gauge, std::less<>> gauges_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_METRICS_H_
