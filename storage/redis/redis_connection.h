// One connection to Redis: connects, sends bytes, and turns what comes back into replies.
//
// Belongs to one thread. Never blocks longer than it is told to. After any error it is of no more
// use and must be destroyed: what would still arrive must not answer a later question. Errors are
// UNAVAILABLE, with a text for people.
#ifndef GATEHOUSE_STORAGE_REDIS_REDIS_CONNECTION_H_
#define GATEHOUSE_STORAGE_REDIS_REDIS_CONNECTION_H_

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "storage/redis/redis_reply.h"
#include "storage/redis/redis_target.h"

namespace gatehouse::storage {

// Deadlines inside the store are measured on the steady clock, so that a stepped wall clock neither
// fails what is on its way nor keeps it waiting.
using SteadyTime = std::chrono::steady_clock::time_point;

class RedisConnection {
 public:
  static absl::StatusOr<std::unique_ptr<RedisConnection>> Open(const RedisTarget& target,
                                                               SteadyTime deadline);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  int file_descriptor() const { return socket_; }

  // Bytes wait to be written: poll for POLLOUT, too.
  bool has_unsent() const { return sent_ < outgoing_.size(); }

  // Adds to what is to be sent.
  void Queue(const std::string& bytes);

  // Writes as much as the socket takes now.
  absl::Status Flush();

  // Reads what is there now and appends each complete reply, at most `limit` of them in all.
  // More replies than that is an error: nobody asked for them.
  absl::Status Receive(std::vector<RedisReply>& replies, std::size_t limit);

  // Sends and waits for `count` replies, for the first words on a connection.
  absl::StatusOr<std::vector<RedisReply>> Exchange(const std::string& commands, std::size_t count,
                                                   SteadyTime deadline);

 private:
  struct ReaderDeleter {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };

  explicit RedisConnection(int socket);

  const int socket_;
  const std::unique_ptr<redisReader, ReaderDeleter> reader_;
  std::string outgoing_;
  std::size_t sent_ = 0;
};

// Milliseconds until `deadline`, rounded up, as poll() takes them; never negative.
int PollTimeout(SteadyTime deadline);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_REDIS_CONNECTION_H_
