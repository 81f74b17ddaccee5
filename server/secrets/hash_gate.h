// The one door to Argon2. At most `concurrent` hashes run at once, so a storm of sign-ins takes
// neither all cores nor more memory than `concurrent` times m; a bounded number waits, first come
// first served. Under overload the gate refuses at the door whoever would come to their turn too
// late, rather than hash for a caller who has given up: that keeps the work that is done useful.
// Everything may be called from any thread; Acquire blocks. The gate must outlive its permits.
#ifndef GATEHOUSE_SERVER_SECRETS_HASH_GATE_H_
#define GATEHOUSE_SERVER_SECRETS_HASH_GATE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "server/runtime/clock.h"
#include "server/runtime/metrics.h"

namespace gatehouse::server {

class Argon2Workspace;
class HashGate;

// The right to hash, on one of the gate's workspaces. Held by one thread; given back when it dies.
// Take one permit for all hashes of an operation, and never wait for anything else while holding
// it.
class HashPermit {
 public:
  HashPermit(HashPermit&& other) noexcept;
  HashPermit& operator=(HashPermit&&) = delete;
  ~HashPermit();

  Argon2Workspace& workspace() { return *workspace_; }

 private:
  friend class HashGate;
  HashPermit(HashGate* gate, Argon2Workspace* workspace, absl::Duration since)
      : gate_(gate), workspace_(workspace), since_(since) {}

  HashGate* gate_;  // null once moved from
  Argon2Workspace* workspace_;
  absl::Duration since_;
};

class HashGate {
 public:
  struct Options {
    int concurrent = 1;
    size_t queue_limit = 64;  // callers that may wait
  };

  HashGate(Options options, const Clock& clock, LaneMetrics& metrics);
  ~HashGate();
  HashGate(const HashGate&) = delete;
  HashGate& operator=(const HashGate&) = delete;

  // Waits for a turn. RESOURCE_EXHAUSTED at once when the queue is full, or so long that the turn
  // would end after `deadline`; DEADLINE_EXCEEDED when it passes while waiting, or leaves too
  // little time at the turn; CANCELLED when `cancelled`, which must not use the gate, says so at
  // the turn.
  absl::StatusOr<HashPermit> Acquire(absl::Time deadline, absl::FunctionRef<bool()> cancelled);

  // How long a caller who came now would wait: what a refused one is told to wait (RetryInfo).
  absl::Duration ExpectedWait() const;

 private:
  friend class HashPermit;
  struct Waiter;

  void Release(Argon2Workspace* workspace, absl::Duration held);

  // These need mutex_.
  HashPermit TakeIdle();
  void PassOn(Argon2Workspace* workspace);  // to whoever has waited longest
  absl::Status JudgeTurn(absl::Time deadline, absl::Duration needed,
                         absl::FunctionRef<bool()> cancelled) const;
  absl::Duration ExpectedWaitLocked() const;

  const Options options_;
  const Clock& clock_;
  LaneMetrics& metrics_;
  std::vector<std::unique_ptr<Argon2Workspace>> workspaces_;

  mutable std::mutex mutex_;
  std::vector<Argon2Workspace*> idle_;  // guarded by mutex_
  std::deque<Waiter*> waiting_;         // guarded by mutex_; each lives in its Acquire
  absl::Duration typical_hold_;         // guarded by mutex_; moving average
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_HASH_GATE_H_
