#include "server/secrets/known/fuse_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace gatehouse::server {
namespace {

constexpr uint32_t kSegmentsOfAWindow = 3;
constexpr uint32_t kLongestSegment = 1 << 18;
constexpr uint64_t kMostSlots = uint64_t{1} << 40;

using Places = std::array<uint64_t, kSegmentsOfAWindow>;

// The finaliser of MurmurHash3: a bijection, so that different keys never collide in all 64 bits.
uint64_t Mix(uint64_t key) {
  key ^= key >> 33;
  key *= 0xff51afd7ed558ccd;
  key ^= key >> 33;
  key *= 0xc4ceb9fe1a85ec53;
  key ^= key >> 33;
  return key;
}

uint64_t HashOf(const FuseShape& shape, uint64_t key) { return Mix(key + shape.seed); }

uint16_t FingerprintOf(uint64_t hash) { return static_cast<uint16_t>(hash ^ (hash >> 32)); }

// The high bits choose the window, others the slot in each of its segments.
Places PlacesOf(const FuseShape& shape, uint64_t hash) {
  const uint64_t starts = uint64_t{shape.segment_count} * shape.segment_length;
  const uint64_t first =
      static_cast<uint64_t>((static_cast<unsigned __int128>(hash) * starts) >> 64);
  const uint64_t mask = shape.segment_length - 1;
  return {first, (first + shape.segment_length) ^ ((hash >> 18) & mask),
          (first + 2 * uint64_t{shape.segment_length}) ^ (hash & mask)};
}

// The sizes that the paper found to work for three segments a window.
FuseShape ShapeFor(size_t keys) {
  if (keys == 0) return {};
  const auto count = static_cast<double>(keys);
  const double log_count = std::log(std::max(count, 2.0));
  const auto length = uint32_t{1} << static_cast<uint32_t>(std::log(count) / std::log(3.33) + 2.25);
  const double factor = std::max(1.125, 0.875 + 0.25 * std::log(1e6) / log_count);
  FuseShape shape;
  shape.segment_length = std::min(length, kLongestSegment);
  const double segments = std::ceil(count * factor / shape.segment_length);
  shape.segment_count = static_cast<uint32_t>(std::max(segments - (kSegmentsOfAWindow - 1), 1.0));
  return shape;
}

// One slot while the keys are taken out again, one by one, each where it is alone.
struct Cell {
  uint64_t hashes = 0;  // of the keys that are still in it, added bit by bit
  uint32_t keys = 0;
};

struct Taken {
  uint64_t hash;
  uint64_t place;  // where it was alone
};

// In the order in which the keys could be taken out: all of them, or the seed does not work.
std::vector<Taken> TakeOut(const FuseShape& shape, absl::Span<const uint64_t> keys) {
  std::vector<Cell> cells(shape.slots());
  for (const uint64_t key : keys) {
    const uint64_t hash = HashOf(shape, key);
    for (const uint64_t place : PlacesOf(shape, hash)) {
      cells[place].hashes ^= hash;
      ++cells[place].keys;
    }
  }
  std::vector<uint64_t> alone;
  for (uint64_t place = 0; place < cells.size(); ++place) {
    if (cells[place].keys == 1) alone.push_back(place);
  }
  std::vector<Taken> taken;
  taken.reserve(keys.size());
  while (!alone.empty()) {
    const uint64_t place = alone.back();
    alone.pop_back();
    if (cells[place].keys != 1) continue;
    const uint64_t hash = cells[place].hashes;
    taken.push_back({hash, place});
    for (const uint64_t other : PlacesOf(shape, hash)) {
      cells[other].hashes ^= hash;
      if (--cells[other].keys == 1) alone.push_back(other);
    }
  }
  return taken;
}

}  // namespace

uint64_t FuseShape::slots() const {
  if (segment_count == 0) return 0;
  return (uint64_t{segment_count} + kSegmentsOfAWindow - 1) * segment_length;
}

bool FuseShape::IsSound() const {
  if (segment_count == 0) return segment_length == 0;
  return std::has_single_bit(segment_length) && segment_length <= kLongestSegment &&
         slots() <= kMostSlots;
}

FuseFilter BuildFuseFilter(absl::Span<const uint64_t> keys, uint64_t first_seed) {
  FuseFilter filter{.shape = ShapeFor(keys.size()), .slots = {}};
  filter.shape.seed = first_seed;
  std::vector<Taken> taken = TakeOut(filter.shape, keys);
  while (taken.size() < keys.size()) {
    ++filter.shape.seed;
    taken = TakeOut(filter.shape, keys);
  }
  // Backwards, each key's own slot is the last of its three to be given a value.
  filter.slots.resize(filter.shape.slots());
  for (auto key = taken.rbegin(); key != taken.rend(); ++key) {
    uint16_t rest = FingerprintOf(key->hash);
    for (const uint64_t place : PlacesOf(filter.shape, key->hash)) rest ^= filter.slots[place];
    filter.slots[key->place] = rest;
  }
  return filter;
}

bool FuseFilterContains(const FuseShape& shape, const uint16_t* slots, uint64_t key) {
  if (shape.segment_count == 0) return false;
  const uint64_t hash = HashOf(shape, key);
  uint16_t rest = FingerprintOf(hash);
  for (const uint64_t place : PlacesOf(shape, hash)) rest ^= slots[place];
  return rest == 0;
}

}  // namespace gatehouse::server
