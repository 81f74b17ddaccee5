// A gateway for tests: remembers what it was given, and refuses what it is told to. Thread-safe.
#ifndef GATEHOUSE_TESTS_RUNTIME_OUTBOX_RECORDING_GATEWAY_H_
#define GATEHOUSE_TESTS_RUNTIME_OUTBOX_RECORDING_GATEWAY_H_

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "server/runtime/outbox/message_gateway.h"

namespace gatehouse::server {

class RecordingGateway final : public MessageGateway {
 public:
  absl::Status Deliver(const outbox::v1::Message& message) override {
    const std::lock_guard lock(mutex_);
    ++attempts_;
    changed_.notify_all();
    const auto refusal = refusals_.find(message.message_id());
    if (refusal != refusals_.end()) return refusal->second;
    delivered_.push_back(message.message_id());
    return absl::OkStatus();
  }

  void Stop() override { stopped_ = true; }
  bool stopped() const { return stopped_; }

  // Answers these messages so, and takes all others.
  void Refuse(const std::map<std::string, absl::Status>& refusals) {
    const std::lock_guard lock(mutex_);
    refusals_ = refusals;
  }

  std::vector<std::string> delivered() const {
    const std::lock_guard lock(mutex_);
    return delivered_;
  }

  int attempts() const {
    const std::lock_guard lock(mutex_);
    return attempts_;
  }

  // Waits until so many attempts were made, since the beginning.
  void AwaitAttempts(int attempts) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempts_ >= attempts; });
  }

 private:
  std::atomic<bool> stopped_ = false;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int attempts_ = 0;
  std::map<std::string, absl::Status> refusals_;
  std::vector<std::string> delivered_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_RUNTIME_OUTBOX_RECORDING_GATEWAY_H_
