#include "server/runtime/lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::server {
namespace {

// Waiting for an infinite span overflows the standard library's arithmetic.
constexpr absl::Duration kLongestGrace = absl::Hours(24);

}  // namespace

Lane::Lane(Options options, const Clock& clock, LaneMetrics& metrics)
    : options_(options), clock_(clock), metrics_(metrics) {
  threads_.reserve(static_cast<size_t>(options_.threads));
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(); });
}

Lane::~Lane() { Shutdown(absl::ZeroDuration()); }

absl::Status Lane::Submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return absl::UnavailableError("the server is shutting down");
    if (queue_.size() >= options_.queue_limit) {
      metrics_.CountRejected();
      return absl::ResourceExhaustedError(
          absl::StrCat("the server is overloaded: ", queue_.size(), " requests are waiting"));
    }
    queue_.push_back(std::move(job));
    metrics_.SetDepth(queue_.size());
  }
  changed_.notify_one();
  return absl::OkStatus();
}

void Lane::Shutdown(absl::Duration grace) {
  const std::lock_guard one_at_a_time(threads_mutex_);
  std::deque<Job> left;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, absl::ToChronoNanoseconds(std::min(grace, kLongestGrace)),
                      [this] { return queue_.empty(); });
    left.swap(queue_);
    metrics_.SetDepth(0);
  }
  changed_.notify_all();
  for (Job& job : left) Drop(std::move(job), absl::UnavailableError("the server is shutting down"));
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Lane::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    metrics_.SetDepth(queue_.size());
    if (stopping_ && queue_.empty()) changed_.notify_all();
    lock.unlock();
    Finish(std::move(job));
    lock.lock();
  }
}

void Lane::Finish(Job job) {
  if (job.cancelled && job.cancelled()) {
    Drop(std::move(job), absl::CancelledError("the caller has gone"));
  } else if (job.deadline <= clock_.Now()) {
    Drop(std::move(job), absl::DeadlineExceededError("the deadline passed while waiting"));
  } else {
    job.run();
  }
}

void Lane::Drop(Job job, absl::Status why) {
  metrics_.CountDropped();
  job.on_dropped(std::move(why));
}

}  // namespace gatehouse::server
