// Answers on their way back to gRPC.
//
// An answer that is made on a thread of ours costs more than it must: gRPC wakes a thread of its
// own for what follows, which finds that one answer, and sleeps again. So answers that are made in
// one go (those to one batch of Redis's replies) are gathered, and sent together; and gRPC's
// threads, once they are awake, take a share in the sending.
//
// Thread-safe. Whoever gathers sends whatever nobody else has sent, so no answer waits for a thread
// that may not come. Must outlive the calls.
#ifndef GATEHOUSE_SERVER_RPC_ANSWER_QUEUE_H_
#define GATEHOUSE_SERVER_RPC_ANSWER_QUEUE_H_

#include <deque>
#include <mutex>
#include <vector>

#include "absl/functional/function_ref.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"

namespace gatehouse::server {

class AnswerQueue {
 public:
  AnswerQueue() = default;
  AnswerQueue(const AnswerQueue&) = delete;
  AnswerQueue& operator=(const AnswerQueue&) = delete;

  // Finishes the call: at once, or at the end of the Gather that this thread is in. The reactor may
  // be gone when this returns.
  void Finish(grpc::ServerUnaryReactor& call, grpc::Status status);

  // Runs `make_answers`, then sends what it finished on this thread. Not within another Gather.
  void Gather(absl::FunctionRef<void()> make_answers);

  // Sends what waits to be sent, if anything: for gRPC's threads, when they come by.
  void Help();

 private:
  struct Answer {
    grpc::ServerUnaryReactor* call;
    grpc::Status status;
  };
  struct Gathering {
    AnswerQueue* queue;
    std::vector<Answer> answers;
  };
  static thread_local Gathering* gathering_;

  std::mutex mutex_;
  std::deque<Answer> ready_;  // guarded by mutex_
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_ANSWER_QUEUE_H_
