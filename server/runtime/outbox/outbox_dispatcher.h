// Empties one channel of the outbox into a message gateway, on a thread of its own: at least once,
// in order for each account, again and again after a failure with waits that grow up to a bound,
// and no more once a message is dead. While the gateway is down it is asked less and less often,
// with one message at a time.
//
// Logs once when something begins to fail and once when it is over, and every death. Metrics, where
// NAME is `notifications` or `directory_events`: gatehouse_outbox_NAME_delivered_total,
// ..._failures_total, and gauges of what the store holds: ..._waiting, ..._failing, ..._dead.
// Thread-safe.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_DISPATCHER_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_DISPATCHER_H_

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/runtime/clock.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"
#include "server/runtime/outbox/outbox_round.h"

namespace gatehouse::server {

// As metrics, the log and operators call it.
absl::string_view NameOf(storage::OutboxChannel channel);

class OutboxDispatcher {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);       // between looks at an outbox that was empty
    absl::Duration longest_pause = absl::Minutes(1);  // between questions to a gateway that is down
    absl::Duration count_interval = absl::Seconds(10);  // between counts of what the store holds
  };

  // The thread starts at once; everything given must outlive the dispatcher.
  OutboxDispatcher(const OutboxRoute& route, const Clock& clock, const Logger& log,
                   Metrics& metrics, const Options& options);
  // Stops, notes what was delivered, and joins. The rest stays for later.
  ~OutboxDispatcher();
  OutboxDispatcher(const OutboxDispatcher&) = delete;
  OutboxDispatcher& operator=(const OutboxDispatcher&) = delete;

  // Delivers no more, and breaks off the message at hand; does not wait for that.
  void Stop();

  // There may be something new: looks at once, unless the gateway is given a pause.
  void Nudge();

 private:
  // What the channel is called in metrics and in the log, and its instruments.
  struct Instruments {
    Instruments(absl::string_view name, Metrics& metrics);
    const absl::string_view name;
    Counter& delivered;
    Counter& failures;
    Counter& expired;
    Gauge& waiting;
    Gauge& failing;
    Gauge& dead;
  };

  void Run();
  // True if something was delivered, so that more may be due behind it.
  bool RunRound();
  void NoteStore(const absl::Status& status);
  void NoteGateway(const OutboxRound& round);
  void NoteMessages(const OutboxRound& round);
  void Count(bool now);
  bool IsStopping();
  void WaitForWork();

  const OutboxRoute route_;
  const Clock& clock_;
  const Logger& log_;
  const Options options_;
  const Instruments instruments_;

  // The thread's own.
  bool store_fails_ = false;
  bool deliveries_fail_ = false;
  int failures_of_gateway_ = 0;                         // in a row
  int refusals_ = 0;                                    // for good, since the last delivery
  absl::Duration paused_until_ = absl::ZeroDuration();  // on the monotonic clock, as
  absl::Duration count_at_ = absl::ZeroDuration();      // this is

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool nudged_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_DISPATCHER_H_
