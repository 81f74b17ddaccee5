// A gateway for tests: remembers what it was given, and refuses what it is told to. Thread-safe.
#ifndef GATEHOUSE_TESTS_RUNTIME_OUTBOX_RECORDING_GATEWAY_H_
#define GATEHOUSE_TESTS_RUNTIME_OUTBOX_RECORDING_GATEWAY_H_

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "server/runtime/outbox/message_gateway.h"

namespace gatehouse::server {

class RecordingGateway final : public MessageGateway {
 public:
  absl::Status Deliver(const outbox::v1::Notification& notification) override {
    const std::lock_guard lock(mutex_);
    ++attempts_;
    changed_.notify_all();
    if (refused_.contains(notification.message_id())) return absl::UnavailableError("not now");
    delivered_.push_back(notification.message_id());
    return absl::OkStatus();
  }

  void Refuse(const std::set<std::string>& ids) {
    const std::lock_guard lock(mutex_);
    refused_ = ids;
  }

  std::vector<std::string> delivered() const {
    const std::lock_guard lock(mutex_);
    return delivered_;
  }

  // Waits until so many attempts were made, since the beginning.
  void AwaitAttempts(int attempts) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return attempts_ >= attempts; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int attempts_ = 0;
  std::set<std::string> refused_;
  std::vector<std::string> delivered_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_RUNTIME_OUTBOX_RECORDING_GATEWAY_H_
