// Wakes threads of this process that wait for something to happen. Whoever waits counts the rings
// before looking whether it has happened, so that none is missed in between:
//
//   const std::uint64_t rings = bell.rings();
//   if (!Look()) bell.WaitForMore(rings, patience);
//
// Thread-safe. Nobody may be waiting when it dies.
#ifndef GATEHOUSE_SERVER_RUNTIME_BELL_H_
#define GATEHOUSE_SERVER_RUNTIME_BELL_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "absl/time/time.h"

namespace gatehouse::server {

class Bell {
 public:
  void Ring();
  // How often it has been rung.
  std::uint64_t rings() const;
  // Until it has been rung more often than `rings` times, or for `patience`, which is finite.
  void WaitForMore(std::uint64_t rings, absl::Duration patience) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable rung_;
  std::uint64_t rings_ = 0;  // guarded by mutex_
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_BELL_H_
