#include "server/runtime/metrics.h"

#include <exception>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "prometheus/counter.h"
#include "prometheus/exposer.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace gatehouse::server {
namespace {

using Labels = Metrics::Labels;

// Seconds: from a near-cache hit to a caller who has long given up.
const std::vector<double>& LatencyBuckets() {
  static const auto& buckets =
      *new std::vector<double>{5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3,
                               1e-2, 2e-2, 5e-2, 0.1,  0.2,  0.5,  1,    2,    5,    10};
  return buckets;
}

prometheus::Counter& AddCounter(prometheus::Registry& registry, absl::string_view name,
                                absl::string_view help, const Labels& labels) {
  return prometheus::BuildCounter()
      .Name(std::string(name))
      .Help(std::string(help))
      .Register(registry)
      .Add(labels);
}

prometheus::Gauge& AddGauge(prometheus::Registry& registry, absl::string_view name,
                            absl::string_view help, const Labels& labels) {
  return prometheus::BuildGauge()
      .Name(std::string(name))
      .Help(std::string(help))
      .Register(registry)
      .Add(labels);
}

}  // namespace

void CallMetrics::Record(absl::StatusCode code, absl::Duration latency) {
  const auto index = static_cast<size_t>(code);
  by_code_[index < kCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown)]->Increment();
  latency_->Observe(absl::ToDoubleSeconds(latency));
}

void LaneMetrics::SetDepth(size_t waiting) { depth_->Set(static_cast<double>(waiting)); }
void LaneMetrics::CountRejected() { rejected_->Increment(); }
void LaneMetrics::CountDropped() { dropped_->Increment(); }
void Counter::Increment(uint64_t by) { counter_->Increment(static_cast<double>(by)); }
void Gauge::Set(double value) { gauge_->Set(value); }

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}
Metrics::~Metrics() = default;

CallMetrics& Metrics::ForMethod(absl::string_view method) {
  const std::lock_guard lock(mutex_);
  auto [found, added] = methods_.try_emplace(std::string(method));
  CallMetrics& call = found->second;
  if (!added) return call;
  Labels labels = {{"method", std::string(method)}};
  call.latency_ = &prometheus::BuildHistogram()
                       .Name("gatehouse_rpc_seconds")
                       .Help("Calls answered, by method: how long they took")
                       .Register(*registry_)
                       .Add(labels, LatencyBuckets());
  for (size_t code = 0; code < CallMetrics::kCodes; ++code) {
    labels["code"] = absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
    call.by_code_[code] = &AddCounter(*registry_, "gatehouse_rpc_total",
                                      "Calls answered, by method and code", labels);
  }
  return call;
}

LaneMetrics& Metrics::ForLane(absl::string_view lane) {
  const std::lock_guard lock(mutex_);
  auto [found, added] = lanes_.try_emplace(std::string(lane));
  if (added) {
    const Labels labels = {{"lane", std::string(lane)}};
    LaneMetrics& metrics = found->second;
    metrics.depth_ = &AddGauge(*registry_, "gatehouse_lane_depth", "Jobs that wait", labels);
    metrics.rejected_ = &AddCounter(*registry_, "gatehouse_lane_rejected_total",
                                    "Jobs refused because too much was waiting", labels);
    metrics.dropped_ =
        &AddCounter(*registry_, "gatehouse_lane_dropped_total",
                    "Jobs dropped before their turn: late, cancelled, shutdown", labels);
  }
  return found->second;
}

Counter& Metrics::ForCounter(absl::string_view name, absl::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto [found, added] = counters_.try_emplace({std::string(name), labels});
  if (added) found->second.counter_ = &AddCounter(*registry_, name, help, labels);
  return found->second;
}

Gauge& Metrics::ForGauge(absl::string_view name, absl::string_view help) {
  const std::lock_guard lock(mutex_);
  auto [found, added] = gauges_.try_emplace(std::string(name));
  if (added) found->second.gauge_ = &AddGauge(*registry_, name, help, {});
  return found->second;
}

absl::Status Metrics::Expose(const std::string& address) {
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(address, /*num_threads=*/1);
  } catch (const std::exception&) {
    return absl::UnavailableError(absl::StrCat("cannot serve metrics at ", address,
                                               ": the address is not valid or is in use"));
  }
  exposer_->RegisterCollectable(registry_);
  return absl::OkStatus();
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace gatehouse::server
