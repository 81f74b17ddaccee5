#include "server/rpc/health_monitor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::server {
namespace {

// Less than that is no step that anybody need know of.
constexpr absl::Duration kLeadToTell = absl::Seconds(1);
// Until all parts have been up once: at a start they are a moment from it, and somebody waits.
constexpr absl::Duration kStartInterval = absl::Milliseconds(20);

}  // namespace

HealthMonitor::HealthMonitor(std::vector<Part> parts, absl::Duration interval,
                             HealthService& health, const Clock& clock, const Logger& log,
                             Metrics& metrics)
    : health_(health),
      clock_(clock),
      log_(log),
      clock_lead_(metrics.ForGauge("gatehouse_clock_lead_seconds",
                                   "How far the server's time is ahead of the system's wall clock, "
                                   "which was stepped back.")) {
  for (Part& part : parts) {
    Gauge& gauge = metrics.ForGauge(absl::StrCat("gatehouse_", part.name, "_up"),
                                    "1 while this part of the server is usable, else 0.");
    parts_.push_back({.part = std::move(part), .gauge = gauge, .down_since = absl::ZeroDuration()});
  }
  thread_ = std::thread([this, interval] { Work(interval); });
}

HealthMonitor::~HealthMonitor() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stop_changed_.notify_one();
  thread_.join();
}

void HealthMonitor::Work(absl::Duration interval) {
  absl::Duration pause = std::min(interval, kStartInterval);
  std::unique_lock lock(mutex_);
  while (!stop_) {
    lock.unlock();
    bool all_up = true;
    for (Watched& watched : parts_) {
      const bool up = Check(watched);
      all_up = all_up && (up || !watched.part.essential);
    }
    CheckClock();
    health_.SetServing(all_up);
    if (all_up) pause = interval;
    lock.lock();
    stop_changed_.wait_for(lock, absl::ToChronoNanoseconds(pause), [this] { return stop_; });
  }
}

void HealthMonitor::CheckClock() {
  const absl::Duration lead = clock_.Lead();
  clock_lead_.Set(absl::ToDoubleSeconds(lead));
  const bool is_followed = lead < kLeadToTell;
  if (is_followed == clock_is_followed_) return;
  clock_is_followed_ = is_followed;
  if (is_followed) {
    log_.Info("wall_clock_followed_again");
  } else {
    log_.Warning("wall_clock_stepped_back", {{"seconds", lead}});
  }
}

bool HealthMonitor::Check(Watched& watched) {
  const absl::Status status = watched.part.check();
  watched.gauge.Set(status.ok() ? 1 : 0);
  if (status.ok() == watched.up) return status.ok();
  watched.up = status.ok();
  if (status.ok()) {
    log_.Info("part_up_again",
              {{"part", watched.part.name}, {"seconds", clock_.Monotonic() - watched.down_since}});
  } else {
    watched.down_since = clock_.Monotonic();
    log_.Warning("part_down", {{"part", watched.part.name}, {"cause", status.message()}});
  }
  return status.ok();
}

}  // namespace gatehouse::server
