#include "server/secrets/codes.h"

#include <algorithm>
#include <set>
#include <string>

#include "gtest/gtest.h"

#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

class CodesTest : public testing::Test {
 protected:
  KeyRing NewKeys(const char* name) {
    FakeClock clock(absl::FromUnixSeconds(1'800'000'000));
    const std::string path = (directory_ / name).string();
    EXPECT_EQ(CreateKeyRing(path, entropy_, clock), absl::OkStatus());
    return *KeyRing::Load(path);
  }

  harness::TemporaryDirectory directory_;
  SeededEntropy entropy_{7};
};

TEST_F(CodesTest, DrawsDigitsOfWhichEachIsAsLikely) {
  constexpr int kDraws = 10'000;
  std::array<int, 10> counts{};
  for (int i = 0; i < kDraws; ++i) {
    const SecretString digits = DrawDigits(entropy_, 6);
    ASSERT_EQ(digits.size(), 6u);
    for (const char c : digits.Reveal()) ++counts.at(static_cast<size_t>(c - '0'));
  }
  for (const int count : counts) EXPECT_NEAR(count, kDraws * 6 / 10, 400);
}

TEST_F(CodesTest, DrawsPrintedCodesThatReadWellAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const SecretString code = DrawPrintedCode(entropy_);
    ASSERT_EQ(code.size(), 14u);
    EXPECT_EQ(code.Reveal()[4], '-');
    EXPECT_EQ(code.Reveal().find_first_of("01ilo"), absl::string_view::npos);
    seen.emplace(code.Reveal());
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST_F(CodesTest, ReadsWhatPeopleType) {
  for (const char* typed :
       {"k7mq-4xpd-w9hn", "K7MQ4XPDW9HN", " k7mq 4xpd w9hn ", "k7mq.4xpd–w9hn"}) {
    EXPECT_EQ(NormalizeCode(typed).Reveal(), "k7mq4xpdw9hn");
  }
  EXPECT_EQ(NormalizeCode("12 34-56").Reveal(), "123456");
  EXPECT_EQ(NormalizeCode("\xff").Reveal(), "");
}

TEST_F(CodesTest, AHashIsOfOneCodeInOnePlaceUnderOneKey) {
  const KeyRing keys = NewKeys("keys");
  const SecretString code("123456");
  const KeyRing::Tag hash = ReadCodeHash(WriteCodeHash(HashCode(keys, "here", code)));
  EXPECT_TRUE(IsHashOfCode(keys, "here", code, hash));
  EXPECT_FALSE(IsHashOfCode(keys, "here", SecretString("123457"), hash));
  EXPECT_FALSE(IsHashOfCode(keys, "there", code, hash));
  EXPECT_FALSE(IsHashOfCode(NewKeys("others"), "here", code, hash));
  for (const char* text : {"", ".", "key", "key.!", "key.AAAA"}) {
    EXPECT_FALSE(IsHashOfCode(keys, "here", code, ReadCodeHash(text))) << text;
  }
}

}  // namespace
}  // namespace gatehouse::server
