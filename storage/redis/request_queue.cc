#include "storage/redis/request_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse::storage {

std::vector<RedisRequest> RequestQueue::Close(const absl::Status& reason) {
  const std::lock_guard lock(mutex_);
  closed_ = reason;
  waiting_replies_ = 0;
  earliest_deadline_ = SteadyTime::max();
  return std::exchange(waiting_, {});
}

void RequestQueue::Open() {
  const std::lock_guard lock(mutex_);
  closed_ = absl::OkStatus();
}

bool RequestQueue::is_open() const {
  const std::lock_guard lock(mutex_);
  return closed_.ok();
}

absl::Status RequestQueue::Push(RedisRequest& request, bool& wake) {
  const std::lock_guard lock(mutex_);
  // A copy that shares nothing between threads: TSan cannot see Abseil's reference counts.
  if (!closed_.ok()) return absl::Status(closed_.code(), closed_.message());
  if (waiting_replies_ + request.reply_count > capacity_) {
    return absl::ResourceExhaustedError("too many requests wait for Redis");
  }
  wake = request.deadline < earliest_deadline_;
  earliest_deadline_ = std::min(earliest_deadline_, request.deadline);
  waiting_replies_ += request.reply_count;
  waiting_.push_back(std::move(request));
  return absl::OkStatus();
}

std::vector<RedisRequest> RequestQueue::TakeAll() {
  const std::lock_guard lock(mutex_);
  waiting_replies_ = 0;
  earliest_deadline_ = SteadyTime::max();
  return std::exchange(waiting_, {});
}

std::vector<RedisRequest> RequestQueue::TakeExpired(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (now < earliest_deadline_) return {};
  const auto first_expired =
      std::stable_partition(waiting_.begin(), waiting_.end(),
                            [now](const RedisRequest& request) { return now < request.deadline; });
  std::vector<RedisRequest> expired(std::make_move_iterator(first_expired),
                                    std::make_move_iterator(waiting_.end()));
  waiting_.erase(first_expired, waiting_.end());
  earliest_deadline_ = SteadyTime::max();
  waiting_replies_ = 0;
  for (const RedisRequest& request : waiting_) {
    earliest_deadline_ = std::min(earliest_deadline_, request.deadline);
    waiting_replies_ += request.reply_count;
  }
  return expired;
}

SteadyTime RequestQueue::earliest_deadline() const {
  const std::lock_guard lock(mutex_);
  return earliest_deadline_;
}

}  // namespace gatehouse::storage
