#include "server/runtime/bell.h"

namespace gatehouse::server {

void Bell::Ring() {
  {
    const std::lock_guard lock(mutex_);
    ++rings_;
  }
  rung_.notify_all();
}

std::uint64_t Bell::rings() const {
  const std::lock_guard lock(mutex_);
  return rings_;
}

void Bell::WaitForMore(std::uint64_t rings, absl::Duration patience) const {
  std::unique_lock lock(mutex_);
  rung_.wait_for(lock, absl::ToChronoNanoseconds(patience), [&] { return rings_ > rings; });
}

}  // namespace gatehouse::server
