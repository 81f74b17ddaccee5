// Sweeps the account store at intervals, on a thread of its own: it frees space and changes no
// answer, so it never hurries and its failures harm nobody: the next sweep makes up for them.
//
// Logs once when sweeping begins to fail and once when it is over; metrics
// gatehouse_tidied_rows_total{kind} and gatehouse_tidy_last_success_timestamp_seconds. Thread-safe.
#ifndef GATEHOUSE_SERVER_RUNTIME_HOUSEKEEPING_HOUSEKEEPER_H_
#define GATEHOUSE_SERVER_RUNTIME_HOUSEKEEPING_HOUSEKEEPER_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/runtime/clock.h"
#include "server/runtime/housekeeping/sweep.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"
#include "storage/account_store.h"

namespace gatehouse::server {

class Housekeeper {
 public:
  struct Options {
    absl::Duration interval = absl::Minutes(1);  // from the end of one sweep to the next
    SweepOptions sweep;
    // What else belongs to a sweep, and ends early once it is told to stop; empty: nothing.
    std::function<absl::Status(absl::Time now, absl::FunctionRef<bool()> stopping)> further{};
  };

  // The thread starts at once; everything given must outlive the housekeeper.
  Housekeeper(storage::AccountStore& store, const Clock& clock, const Logger& log, Metrics& metrics,
              Options options);
  // Finishes the transaction at hand and joins. The rest stays for later.
  ~Housekeeper();
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

 private:
  void Run();
  void RunSweep();
  void Note(const absl::Status& status);
  bool IsStopping();
  void WaitForNext();

  storage::AccountStore& store_;
  const Clock& clock_;
  const Logger& log_;
  std::map<storage::Perishable, Counter*> tidied_rows_;
  Gauge& last_success_;
  const Options options_;

  bool failing_ = false;  // the thread's own

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_HOUSEKEEPING_HOUSEKEEPER_H_
