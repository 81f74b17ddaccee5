// Keeps the recording of uses rare: about once a minute for a session, however often it is used.
//
// Thread-safe and lock-free; of a fixed size. Two sessions that fall into one place make each other
// record more often, never less.
#ifndef GATEHOUSE_SERVER_REVOCATION_USE_THROTTLE_H_
#define GATEHOUSE_SERVER_REVOCATION_USE_THROTTLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

#include "storage/session_store.h"

namespace gatehouse::server {

class UseThrottle {
 public:
  // One place takes 8 bytes.
  explicit UseThrottle(std::size_t places = 65536) : places_(places) {}

  // True when this use is to be recorded: the last recorded one is a minute old or older, and no
  // other caller was told to record one in this minute.
  bool ShouldRecord(const storage::FoundSession& found, absl::Time now);

 private:
  std::vector<std::atomic<std::uint64_t>> places_;  // a session and the minute, mixed
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_REVOCATION_USE_THROTTLE_H_
