#include "server/revocation/use_throttle.h"

#include <cstring>

namespace gatehouse::server {

bool UseThrottle::ShouldRecord(const storage::FoundSession& found, absl::Time now) {
  if (now - found.last_used_at < absl::Minutes(1)) return false;
  std::uint64_t session;
  std::uint64_t place;
  const auto& digest = found.record.key.digest.bytes();
  std::memcpy(&session, digest.data(), sizeof(session));
  std::memcpy(&place, digest.data() + sizeof(session), sizeof(place));
  // A digest's bytes are uniform, so a session and a minute practically never look like another.
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;
  const auto minute = static_cast<std::uint64_t>(absl::ToUnixSeconds(now) / 60);
  const std::uint64_t mark = session ^ (minute * kSpread);
  return places_[place % places_.size()].exchange(mark, std::memory_order_relaxed) != mark;
}

}  // namespace gatehouse::server
