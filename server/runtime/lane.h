// A lane: a fixed number of threads that run jobs to completion, fed by a bounded queue, first in
// first out. What does not fit is refused at once; what waited past its deadline or was cancelled
// meanwhile is dropped before it costs anything. Submit may be called from any thread, also from a
// job. The lane owns its threads and queued jobs; clock and metrics must outlive it.
#ifndef GATEHOUSE_SERVER_RUNTIME_LANE_H_
#define GATEHOUSE_SERVER_RUNTIME_LANE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "server/runtime/clock.h"
#include "server/runtime/metrics.h"

namespace gatehouse::server {

class Lane {
 public:
  struct Options {
    int threads = 1;
    size_t queue_limit = 1024;  // jobs that may wait, beside those that run
  };

  // `run` and `on_dropped` are required. Exactly one of them is called, once, on one of the lane's
  // threads (on the thread in Shutdown for what is left at its end).
  struct Job {
    absl::Time deadline = absl::InfiniteFuture();
    absl::AnyInvocable<bool() const> cancelled = nullptr;  // never
    absl::AnyInvocable<void()> run = nullptr;
    // DEADLINE_EXCEEDED, CANCELLED, or UNAVAILABLE when the lane shut down first.
    absl::AnyInvocable<void(absl::Status)> on_dropped = nullptr;
  };

  Lane(Options options, const Clock& clock, LaneMetrics& metrics);
  ~Lane();  // Shutdown(absl::ZeroDuration())
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // RESOURCE_EXHAUSTED when the queue is full, UNAVAILABLE after Shutdown began. On an error the
  // job was not taken: neither of its callbacks is called.
  absl::Status Submit(Job job);

  // Takes no more jobs, gives those it has `grace` (real time, at most a day) to start, drops the
  // others, and returns when no thread runs any more. A job that has begun is never interrupted.
  // Not from a job.
  void Shutdown(absl::Duration grace);

 private:
  void Work();
  void Finish(Job job);
  void Drop(Job job, absl::Status why);

  const Options options_;
  const Clock& clock_;
  LaneMetrics& metrics_;

  std::mutex mutex_;
  std::condition_variable changed_;  // a job was queued, the queue ran empty, or stopping_ was set
  std::deque<Job> queue_;            // guarded by mutex_
  bool stopping_ = false;            // guarded by mutex_

  std::mutex threads_mutex_;  // one Shutdown at a time
  std::vector<std::thread> threads_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_LANE_H_
