#include "server/runtime/entropy.h"

#include <array>
#include <vector>

#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

std::vector<uint8_t> Draw(Entropy& entropy, size_t size) {
  std::vector<uint8_t> bytes(size);
  entropy.Fill(absl::MakeSpan(bytes));
  return bytes;
}

TEST(SeededEntropyTest, OneSeedGivesOneSequenceAndAnotherSeedAnother) {
  SeededEntropy first(7);
  SeededEntropy again(7);
  SeededEntropy other(8);
  const std::vector<uint8_t> drawn = Draw(first, 32);
  EXPECT_EQ(drawn, Draw(again, 32));
  EXPECT_NE(drawn, Draw(other, 32));
  EXPECT_NE(drawn, Draw(first, 32)) << "a second draw must differ from the first";
}

TEST(SystemEntropyTest, DrawsDiffer) {
  SystemEntropy entropy;
  EXPECT_NE(Draw(entropy, 32), Draw(entropy, 32));
}

TEST(EntropyTest, NumbersBelowALimitAreUniform) {
  SeededEntropy entropy(1);
  constexpr uint32_t kLimit = 7;
  constexpr int kDraws = 70000;
  std::array<int, kLimit> seen{};
  for (int i = 0; i < kDraws; ++i) ++seen.at(entropy.Below(kLimit));
  double chi_squared = 0;
  for (const int count : seen) {
    constexpr double kExpected = double{kDraws} / kLimit;
    chi_squared += (count - kExpected) * (count - kExpected) / kExpected;
  }
  EXPECT_LT(chi_squared, 22.46) << "6 degrees of freedom, p = 0.001";
}

// Feeds fixed 32-bit draws, to see which are thrown away.
class ScriptedEntropy final : public Entropy {
 public:
  explicit ScriptedEntropy(std::vector<uint32_t> draws) : draws_(std::move(draws)) {}
  void Fill(absl::Span<uint8_t> bytes) override {
    const uint32_t draw = draws_.at(next_++);
    std::copy_n(reinterpret_cast<const uint8_t*>(&draw), sizeof(draw), bytes.begin());
  }
  size_t used() const { return next_; }

 private:
  std::vector<uint32_t> draws_;
  size_t next_ = 0;
};

TEST(EntropyTest, DrawsThatWouldFavourSmallNumbersAreDrawnAgain) {
  // 2^32 mod 3 is 1: the draw 0 is the surplus one.
  ScriptedEntropy entropy({0, 5});
  EXPECT_EQ(entropy.Below(3), 2U);
  EXPECT_EQ(entropy.used(), 2U);
}

}  // namespace
}  // namespace gatehouse::server
