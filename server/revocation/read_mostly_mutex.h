// A reader-writer lock for what is read at every request and written a few times a second: readers
// on different cores touch different cache lines, and a writer pays by taking all of them.
//
// Thread-safe. Lock it with std::shared_lock and std::unique_lock. A reader must unlock on the
// thread that locked.
#ifndef GATEHOUSE_SERVER_REVOCATION_READ_MOSTLY_MUTEX_H_
#define GATEHOUSE_SERVER_REVOCATION_READ_MOSTLY_MUTEX_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <shared_mutex>

namespace gatehouse::server {

class ReadMostlyMutex {
 public:
  void lock() {
    for (Lane& lane : lanes_) lane.mutex.lock();
  }
  void unlock() {
    for (Lane& lane : lanes_) lane.mutex.unlock();
  }
  void lock_shared() { MyLane().lock_shared(); }
  void unlock_shared() { MyLane().unlock_shared(); }

 private:
  static constexpr std::size_t kLanes = 16;
  struct alignas(64) Lane {
    std::shared_mutex mutex;
  };

  std::shared_mutex& MyLane() {
    static std::atomic<std::size_t> threads_seen = 0;
    static thread_local const std::size_t lane = threads_seen.fetch_add(1) % kLanes;
    return lanes_[lane].mutex;
  }

  std::array<Lane, kLanes> lanes_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_REVOCATION_READ_MOSTLY_MUTEX_H_
