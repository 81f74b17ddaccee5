#include "server/secrets/known/fuse_filter.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

#include "server/runtime/entropy.h"

namespace gatehouse::server {
namespace {

constexpr uint64_t kSeed = 20261122;

std::vector<uint64_t> Draw(size_t count, uint64_t seed) {
  SeededEntropy entropy(seed);
  std::vector<uint64_t> keys(count);
  entropy.Fill({reinterpret_cast<uint8_t*>(keys.data()), count * sizeof(uint64_t)});
  return keys;
}

bool Contains(const FuseFilter& filter, uint64_t key) {
  return FuseFilterContains(filter.shape, filter.slots.data(), key);
}

TEST(FuseFilterTest, FindsEveryKeyWhateverTheirNumber) {
  for (const size_t count : {1, 2, 3, 4, 5, 7, 10, 31, 100, 999, 5000, 65537, 300000}) {
    const std::vector<uint64_t> keys = Draw(count, kSeed + count);
    const FuseFilter filter = BuildFuseFilter(keys, kSeed);
    EXPECT_TRUE(filter.shape.IsSound()) << count;
    EXPECT_EQ(filter.slots.size(), filter.shape.slots()) << count;
    EXPECT_TRUE(std::ranges::all_of(keys, [&](uint64_t key) { return Contains(filter, key); }))
        << count << " keys of seed " << kSeed + count;
  }
}

TEST(FuseFilterTest, FindsKeysThatLieSideBySide) {
  std::vector<uint64_t> keys(10000);
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = i;
  const FuseFilter filter = BuildFuseFilter(keys, 0);
  for (const uint64_t key : keys) ASSERT_TRUE(Contains(filter, key)) << key;
}

TEST(FuseFilterTest, TheFilterOfNoKeysFindsNone) {
  const FuseFilter filter = BuildFuseFilter({}, kSeed);
  EXPECT_TRUE(filter.shape.IsSound());
  EXPECT_TRUE(filter.slots.empty());
  for (const uint64_t key : Draw(1000, kSeed)) EXPECT_FALSE(Contains(filter, key));
}

// Four million strangers, of which 61 are expected to be taken for keys: fewer than 25 or more than
// 120 would come once in many millions of runs, were the rate what it is said to be.
TEST(FuseFilterTest, TakesOneOf65536StrangersForAKey) {
  const FuseFilter filter = BuildFuseFilter(Draw(200000, kSeed), kSeed);
  const std::vector<uint64_t> strangers = Draw(4'000'000, kSeed + 1);
  const auto found =
      std::ranges::count_if(strangers, [&](uint64_t key) { return Contains(filter, key); });
  EXPECT_GT(found, 25) << "seed " << kSeed;
  EXPECT_LT(found, 120) << "seed " << kSeed;
}

TEST(FuseFilterTest, TakesLittleMoreThanTwoBytesAKey) {
  const FuseFilter filter = BuildFuseFilter(Draw(1'000'000, kSeed), kSeed);
  EXPECT_LT(static_cast<double>(filter.slots.size()), 1.14 * 1'000'000);
}

TEST(FuseFilterTest, ShapesThatNoFilterHasAreNotSound) {
  EXPECT_FALSE((FuseShape{.segment_length = 3, .segment_count = 1}.IsSound()));
  EXPECT_FALSE((FuseShape{.segment_length = 0, .segment_count = 1}.IsSound()));
  EXPECT_FALSE((FuseShape{.segment_length = 1U << 19, .segment_count = 1}.IsSound()));
  EXPECT_FALSE((FuseShape{.segment_length = 1U << 18, .segment_count = 0xffffffff}.IsSound()));
  EXPECT_FALSE((FuseShape{.segment_length = 4, .segment_count = 0}.IsSound()));
}

}  // namespace
}  // namespace gatehouse::server
