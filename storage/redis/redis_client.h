// Sends requests to one Redis over one connection, on a thread of its own.
//
// Everything that waits is taken at once and sent as one batch; while its replies are on their way
// the next batch gathers, which is what makes a request cheap under load. Replies are matched to
// requests by their order alone, so a connection that failed in any way, or was silent for
// `reply_timeout`, is thrown away: all that waited for it, sent or not, fails with UNAVAILABLE, and
// so does at once whatever is asked before there is a new connection. A request whose own deadline
// passes fails by itself; its reply is dropped when it comes.
//
// Before a connection serves, and every `check_interval`, Redis is asked whether it is ready
// (loaded, a master) and whether it would evict; both show in CheckHealth(). One that is not ready
// does not serve; one that would evict serves, and is never healthy.
//
// Thread-safe. Callbacks run on the client's thread, or on the caller's when the request is refused
// at once; they must not block. The destructor fails what is under way, and joins.
#ifndef GATEHOUSE_STORAGE_REDIS_REDIS_CLIENT_H_
#define GATEHOUSE_STORAGE_REDIS_REDIS_CLIENT_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "storage/redis/redis_connection.h"
#include "storage/redis/redis_reply.h"
#include "storage/redis/redis_target.h"
#include "storage/redis/request_queue.h"

namespace gatehouse::storage {

struct RedisClientOptions {
  RedisTarget target;
  std::string password_file;  // empty: no password; read anew for each connection
  std::chrono::milliseconds connect_timeout{500};
  std::chrono::milliseconds reply_timeout{500};
  std::chrono::milliseconds check_interval{1000};
  std::chrono::milliseconds shortest_backoff{10};
  std::chrono::milliseconds longest_backoff{1000};
  std::size_t queue_capacity = 65536;  // replies
  // Given all callbacks of one batch of replies to run, before it returns: for a host to whom they
  // are cheaper together.
  std::function<void(absl::FunctionRef<void()>)> run_callbacks =
      [](absl::FunctionRef<void()> callbacks) { callbacks(); };
  // Told once when Redis becomes healthy (OK) and once when it no longer is, on the client's
  // thread.
  std::function<void(const absl::Status&)> on_health_change = [](const absl::Status&) {};
};

class RedisClient {
 public:
  explicit RedisClient(RedisClientOptions options);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  // `done` gets as many replies as there are commands, none of them looked at, or UNAVAILABLE or
  // RESOURCE_EXHAUSTED.
  void Submit(std::string commands, std::size_t reply_count, absl::Time deadline,
              RedisRequest::Callback done);

  // As Submit(), waiting.
  absl::StatusOr<std::vector<RedisReply>> Call(std::string commands, std::size_t reply_count,
                                               absl::Time deadline);

  // OK, or UNAVAILABLE or FAILED_PRECONDITION (evicting), with what is wrong and since when.
  absl::Status CheckHealth() const;

  // How many batches were sent, for metrics.
  std::int64_t batches_sent() const { return batches_sent_.load(std::memory_order_relaxed); }

 private:
  // What is on the wire. Only the client's thread knows it.
  struct Batch {
    std::vector<RedisRequest> requests;
    std::vector<RedisReply> replies;
    std::size_t reply_count = 0;
    SteadyTime silence_deadline = SteadyTime::max();  // put off by every sign of life
    SteadyTime request_deadline = SteadyTime::max();  // the earliest of the requests'
    bool empty() const { return requests.empty(); }
  };

  void Run();
  absl::StatusOr<std::unique_ptr<RedisConnection>> Connect();
  // Returns why the connection is of no more use.
  absl::Status Serve(RedisConnection& connection);
  absl::Status SendBatch(RedisConnection& connection, Batch& batch, bool with_check);
  // Until something happens or a deadline passes. Errors mean that the connection is of no more
  // use.
  absl::Status Wait(RedisConnection& connection, Batch& batch, SteadyTime next_check);
  absl::Status FinishBatch(Batch& batch);
  RedisRequest ReadinessCheck();
  void ExpireRequests(Batch& batch);
  void Sleep(SteadyTime until);
  void Wake();
  void ClearWake();
  void ReportHealth(const absl::Status& health);
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }

  const RedisClientOptions options_;
  const int wake_event_;  // an eventfd
  RequestQueue queue_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int64_t> batches_sent_ = 0;
  absl::Status readiness_;  // the last check's verdict; only the client's thread knows it

  mutable std::mutex health_mutex_;
  absl::Status health_;
  absl::Time health_since_;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_REDIS_CLIENT_H_
