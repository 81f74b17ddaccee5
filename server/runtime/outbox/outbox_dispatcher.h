// Empties the outbox into a message gateway, on a thread of its own: at least once, in order for
// each account, again and again after a failure with waits that grow up to a bound.
//
// Logs once when something begins to fail and once when it is over; metrics
// gatehouse_outbox_delivered_total, gatehouse_outbox_failures_total and
// gatehouse_outbox_failing_messages. Thread-safe.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_DISPATCHER_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_DISPATCHER_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/runtime/clock.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"
#include "server/runtime/outbox/message_gateway.h"
#include "server/runtime/outbox/outbox_round.h"
#include "storage/account_store.h"

namespace gatehouse::server {

class OutboxDispatcher {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);  // between looks at an outbox that was empty
    OutboxBounds bounds;
  };

  // The thread starts at once; everything given must outlive the dispatcher.
  OutboxDispatcher(storage::AccountStore& store, MessageGateway& gateway, const Clock& clock,
                   const Logger& log, Metrics& metrics, Options options);
  // Finishes the message at hand, notes what was delivered, and joins. The rest stays for later.
  ~OutboxDispatcher();
  OutboxDispatcher(const OutboxDispatcher&) = delete;
  OutboxDispatcher& operator=(const OutboxDispatcher&) = delete;

  // There may be something new: looks at once.
  void Nudge();

 private:
  void Run();
  // True if something was delivered, so that more may be due behind it.
  bool RunRound();
  void NoteStore(const absl::Status& status);
  void NoteMessages(const OutboxRound& round, absl::Time now);
  bool IsStopping();
  void WaitForWork();

  storage::AccountStore& store_;
  MessageGateway& gateway_;
  const Clock& clock_;
  const Logger& log_;
  Counter& delivered_;
  Counter& failures_;
  Gauge& failing_messages_;
  const Options options_;

  // The thread's own.
  bool store_fails_ = false;
  // Messages that this server could not deliver, until when to count them: one that is not tried
  // here again by then was taken by another server.
  absl::flat_hash_map<std::string, absl::Time> failing_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool nudged_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_OUTBOX_DISPATCHER_H_
