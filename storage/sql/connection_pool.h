// Connections to share out: at most `size` at once, first come, first served, with a bounded wait
// and no spinning. A connection that broke is replaced when it is next needed.
//
// Thread-safe; leases must end before the pool does. Guarded by a std::mutex, which ThreadSanitizer
// understands.
#ifndef GATEHOUSE_STORAGE_SQL_CONNECTION_POOL_H_
#define GATEHOUSE_STORAGE_SQL_CONNECTION_POOL_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "storage/sql/connection.h"

namespace gatehouse::storage {

class ConnectionPool {
 public:
  // A connection for the use of one thread; goes back when it dies.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->GiveBack(std::move(connection_));
    }

    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

    // The connection's state is not known: it is closed, not lent again.
    void Discard() { connection_.reset(); }
    // Replaces the connection by a new one.
    absl::Status Reopen();

   private:
    friend class ConnectionPool;

    bool IsOpen() const { return connection_ != nullptr; }

    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // `dialect` outlives the pool.
  ConnectionPool(const Dialect& dialect, Access access, int size, absl::Duration patience);

  // UNAVAILABLE: none was free within `patience`, or the database cannot be reached.
  absl::StatusOr<Lease> Acquire();

  // How many wait for a connection now.
  int waiting() const;

 private:
  // One who waits; its place in the queue is its turn. Null connection: to be opened.
  struct Waiter {
    std::condition_variable granted;
    bool is_granted = false;
    std::unique_ptr<Connection> connection;
  };

  // Takes a slot; its connection may have to be opened.
  absl::StatusOr<std::unique_ptr<Connection>> TakeSlot();
  void GiveBack(std::unique_ptr<Connection> connection);

  const Dialect& dialect_;
  const Access access_;
  const absl::Duration patience_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> free_ ABSL_GUARDED_BY(mutex_);
  std::deque<Waiter*> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_CONNECTION_POOL_H_
