// A set of 64-bit keys in 18 bits a key: binary fuse filters (Graf and Lemire, "Binary Fuse
// Filters: Fast and Smaller Than Xor Filters", 2022) with 16-bit fingerprints. What is in is always
// found; of what is not, one key in 65,536 is taken for one that is. Debian ships no library of
// such filters (its Bloom filters in Boost and elsewhere need twice the space for the same rate).
// Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_KNOWN_FUSE_FILTER_H_
#define GATEHOUSE_SERVER_SECRETS_KNOWN_FUSE_FILTER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace gatehouse::server {

// How often a key that is not in a filter is taken for one that is: once in so many.
inline constexpr int kFuseFilterRate = 1 << 16;

// How a filter's fingerprints are laid out: `segment_count` windows of three segments each, that
// overlap. A key has one slot in each segment of its window.
struct FuseShape {
  uint64_t seed = 0;
  uint32_t segment_length = 0;  // a power of two
  uint32_t segment_count = 0;   // 0: the filter of no keys

  uint64_t slots() const;
  // Whether a filter can be so: for shapes that come from a file.
  bool IsSound() const;
};

struct FuseFilter {
  FuseShape shape;
  std::vector<uint16_t> slots;
};

// Takes about 36 bytes a key while it runs. `keys` are all different. Another seed is tried, from
// `first_seed` on, in the rare case that one does not work.
FuseFilter BuildFuseFilter(absl::Span<const uint64_t> keys, uint64_t first_seed);

// `slots` are shape.slots() of them, and the shape is sound.
bool FuseFilterContains(const FuseShape& shape, const uint16_t* slots, uint64_t key);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_KNOWN_FUSE_FILTER_H_
