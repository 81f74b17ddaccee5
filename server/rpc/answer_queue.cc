#include "server/rpc/answer_queue.h"

#include <iterator>
#include <utility>

namespace gatehouse::server {

thread_local AnswerQueue::Gathering* AnswerQueue::gathering_ = nullptr;

void AnswerQueue::Finish(grpc::ServerUnaryReactor& call, grpc::Status status) {
  if (gathering_ != nullptr && gathering_->queue == this) {
    gathering_->answers.push_back({&call, std::move(status)});
  } else {
    call.Finish(std::move(status));
  }
}

void AnswerQueue::Gather(absl::FunctionRef<void()> make_answers) {
  Gathering gathering{.queue = this, .answers = {}};
  gathering_ = &gathering;
  make_answers();
  gathering_ = nullptr;
  {
    const std::lock_guard lock(mutex_);
    ready_.insert(ready_.end(), std::make_move_iterator(gathering.answers.begin()),
                  std::make_move_iterator(gathering.answers.end()));
  }
  Help();
}

void AnswerQueue::Help() {
  std::unique_lock lock(mutex_);
  while (!ready_.empty()) {
    Answer answer = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    answer.call->Finish(std::move(answer.status));
    lock.lock();
  }
}

}  // namespace gatehouse::server
