// Watches the server's parts, and tells the health service whether all that it cannot do without
// are usable. A part that fails is logged once with its cause, and once when it is back; a gauge
// `gatehouse_NAME_up` shows it meanwhile. Until all have been up once, they are looked at every 20
// ms. A wall clock that was stepped back stops nothing, but is told in the same way, and by the
// gauge `gatehouse_clock_lead_seconds`. The checks run on a thread of the monitor's own, which ends
// with it; all else must outlive it.
#ifndef GATEHOUSE_SERVER_RPC_HEALTH_MONITOR_H_
#define GATEHOUSE_SERVER_RPC_HEALTH_MONITOR_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/rpc/health_service.h"
#include "server/runtime/clock.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"

namespace gatehouse::server {

class HealthMonitor {
 public:
  struct Part {
    std::string name;                     // lower case, such as "redis"
    std::function<absl::Status()> check;  // bounded in time; its message is logged
    bool essential = true;                // else its failure is shown, and the server serves on
  };

  HealthMonitor(std::vector<Part> parts, absl::Duration interval, HealthService& health,
                const Clock& clock, const Logger& log, Metrics& metrics);
  ~HealthMonitor();
  HealthMonitor(const HealthMonitor&) = delete;
  HealthMonitor& operator=(const HealthMonitor&) = delete;

 private:
  struct Watched {
    Part part;
    Gauge& gauge;
    bool up = true;             // as was last logged
    absl::Duration down_since;  // monotonic
  };

  void Work(absl::Duration interval);
  bool Check(Watched& watched);
  void CheckClock();

  HealthService& health_;
  const Clock& clock_;
  const Logger& log_;
  Gauge& clock_lead_;
  std::vector<Watched> parts_;     // the thread's own
  bool clock_is_followed_ = true;  // as was last logged; the thread's own

  std::mutex mutex_;
  std::condition_variable stop_changed_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_HEALTH_MONITOR_H_
