#include "storage/sql/connection_pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::storage {

ConnectionPool::ConnectionPool(const Dialect& dialect, Access access, int size,
                               absl::Duration patience)
    : dialect_(dialect),
      access_(access),
      patience_(patience),
      free_(static_cast<std::size_t>(size)) {}

absl::StatusOr<ConnectionPool::Lease> ConnectionPool::Acquire() {
  absl::StatusOr<std::unique_ptr<Connection>> slot = TakeSlot();
  if (!slot.ok()) return slot.status();
  Lease lease(*this, *std::move(slot));
  if (lease.IsOpen()) return lease;
  if (absl::Status opened = lease.Reopen(); !opened.ok()) return opened;
  return lease;
}

int ConnectionPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(waiters_.size());
}

absl::Status ConnectionPool::Lease::Reopen() {
  connection_.reset();
  absl::StatusOr<std::unique_ptr<Connection>> opened =
      Connection::Open(pool_->dialect_, pool_->access_);
  if (opened.ok()) connection_ = *std::move(opened);
  return opened.status();
}

absl::StatusOr<std::unique_ptr<Connection>> ConnectionPool::TakeSlot() {
  std::unique_lock lock(mutex_);
  if (!free_.empty()) {  // and so nobody waits
    std::unique_ptr<Connection> connection = std::move(free_.back());
    free_.pop_back();
    return connection;
  }
  Waiter self;
  waiters_.push_back(&self);
  self.granted.wait_for(lock, absl::ToChronoNanoseconds(patience_),
                        [&self] { return self.is_granted; });
  if (self.is_granted) return std::move(self.connection);
  waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &self));
  return absl::UnavailableError(
      absl::StrCat("no database connection became free within ", absl::FormatDuration(patience_)));
}

void ConnectionPool::GiveBack(std::unique_ptr<Connection> connection) {
  if (connection != nullptr && !connection->IsUsable()) connection.reset();
  const std::lock_guard lock(mutex_);
  if (waiters_.empty()) {
    free_.push_back(std::move(connection));
    return;
  }
  Waiter& next = *waiters_.front();
  waiters_.pop_front();
  next.connection = std::move(connection);
  next.is_granted = true;
  next.granted.notify_one();
}

}  // namespace gatehouse::storage
