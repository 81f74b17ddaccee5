// What waits to be sent to Redis: filled by any thread, emptied by the connection's.
//
// Thread-safe and bounded. A request is answered exactly once: by whoever takes it from here, or by
// nobody but the caller of Push() when it is refused. No callback runs inside the queue.
#ifndef GATEHOUSE_STORAGE_REDIS_REQUEST_QUEUE_H_
#define GATEHOUSE_STORAGE_REDIS_REQUEST_QUEUE_H_

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "storage/redis/redis_connection.h"
#include "storage/redis/redis_reply.h"

namespace gatehouse::storage {

// One or more commands whose replies belong together.
struct RedisRequest {
  using Callback = std::function<void(absl::StatusOr<std::vector<RedisReply>>)>;

  std::string commands;         // as AppendCommand() writes them
  std::size_t reply_count = 0;  // as many as there are commands
  SteadyTime deadline;
  Callback done;  // empty once answered
};

class RequestQueue {
 public:
  // `capacity` counts replies, so that one request of a hundred commands takes a hundred places.
  explicit RequestQueue(std::size_t capacity) : capacity_(capacity) {}

  // Refuses everything with `reason` from now on, and returns what was waiting.
  std::vector<RedisRequest> Close(const absl::Status& reason);
  void Open();
  bool is_open() const;

  // On success `request` is taken, and `wake` tells whether the connection's thread has to look
  // again at how long it may sleep. RESOURCE_EXHAUSTED when full; else why the queue is closed.
  absl::Status Push(RedisRequest& request, bool& wake);

  std::vector<RedisRequest> TakeAll();
  std::vector<RedisRequest> TakeExpired(SteadyTime now);

  // The earliest of what waits; SteadyTime::max() when nothing does.
  SteadyTime earliest_deadline() const;

 private:
  const std::size_t capacity_;

  mutable std::mutex mutex_;
  absl::Status closed_ = absl::UnavailableError("not connected yet");
  std::vector<RedisRequest> waiting_;
  std::size_t waiting_replies_ = 0;
  SteadyTime earliest_deadline_ = SteadyTime::max();
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_REQUEST_QUEUE_H_
