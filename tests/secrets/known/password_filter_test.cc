#include "server/secrets/known/password_filter.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/runtime/entropy.h"
#include "server/secrets/known/password_filter_builder.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

constexpr uint64_t kSeed = 20261122;

class PasswordFilterTest : public testing::Test {
 protected:
  std::string Path() const { return (directory_ / "breached.filter").string(); }

  std::vector<uint64_t> Draw(size_t count) {
    std::vector<uint64_t> keys(count);
    entropy_.Fill({reinterpret_cast<uint8_t*>(keys.data()), count * sizeof(uint64_t)});
    return keys;
  }

  uint64_t Build(const std::vector<uint64_t>& keys) {
    PasswordFilterBuilder builder(Path(), entropy_);
    for (const uint64_t key : keys) EXPECT_EQ(builder.Add(key), absl::OkStatus());
    const auto built = builder.Finish();
    EXPECT_EQ(built.status(), absl::OkStatus());
    return built.value_or(0);
  }

  std::string Read() const {
    std::ifstream file(Path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }

  void Write(const std::string& bytes) const {
    std::ofstream file(Path(), std::ios::binary | std::ios::trunc);
    file << bytes;
  }

  // As one who knows how the digest is made.
  void WriteSealed(std::string bytes) const {
    const std::string digest =
        DigestOfPasswordFilter({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    Write(bytes.replace(PasswordFilterHeader::kDigestOffset, digest.size(), digest));
  }

  bool IsRefused() const {
    return absl::IsFailedPrecondition(PasswordFilter::Open(Path()).status());
  }

  harness::TemporaryDirectory directory_;
  SeededEntropy entropy_{kSeed};
};

TEST_F(PasswordFilterTest, FindsEveryPasswordThatWasPutIn) {
  // Fewer than are spilled, some that are, and more than fit into one shard.
  for (const size_t count : {1, 1000, 70000, 150000}) {
    const std::vector<uint64_t> keys = Draw(count);
    EXPECT_EQ(Build(keys), count);
    const auto filter = PasswordFilter::Open(Path());
    ASSERT_EQ(filter.status(), absl::OkStatus());
    EXPECT_EQ((*filter)->keys(), count);
    EXPECT_EQ((*filter)->file_size(), std::filesystem::file_size(Path()));
    for (const uint64_t key : keys) ASSERT_TRUE((*filter)->Contains(key)) << count << " " << key;
  }
}

TEST_F(PasswordFilterTest, CountsAPasswordOnceHoweverOftenItComes) {
  std::vector<uint64_t> keys = Draw(50000);
  keys.insert(keys.end(), keys.begin(), keys.end());
  EXPECT_EQ(Build(keys), 50000U);
}

TEST_F(PasswordFilterTest, TheKeyIsTheBeginningOfTheSha1) {
  // RFC 3174's own example.
  EXPECT_EQ(KeyOfPassword("abc"), 0xa9993e364706816aU);
  const std::string sha1 = absl::HexStringToBytes("a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(KeyOfSha1({reinterpret_cast<const uint8_t*>(sha1.data()), sha1.size()}),
            KeyOfPassword("abc"));
}

TEST_F(PasswordFilterTest, AFileWithAnyByteChangedMissingOrAddedIsRefused) {
  Build(Draw(200));
  const std::string whole = Read();
  ASSERT_EQ(PasswordFilter::Open(Path()).status(), absl::OkStatus());
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char flip : {'\x01', '\x80'}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      Write(changed);
      ASSERT_TRUE(IsRefused()) << "byte " << at << " changed";
    }
    Write(whole.substr(0, at));
    ASSERT_TRUE(IsRefused()) << "cut after " << at << " bytes";
  }
  Write(whole + '\0');
  EXPECT_TRUE(IsRefused()) << "a byte added";
  Write(whole);
  EXPECT_FALSE(IsRefused());
}

TEST_F(PasswordFilterTest, AFileWhoseDigestIsRightButWhosePartsDoNotFitIsRefused) {
  Build(Draw(300));
  const std::string whole = Read();
  const auto with = [&](size_t at, absl::string_view bytes) {
    return std::string(whole).replace(at, bytes.size(), bytes.data(), bytes.size());
  };
  const size_t directory = PasswordFilterHeader::kSize;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"more shards than there may be", with(12, "\x09")},
      {"more shards than fit", with(12, "\x08")},
      {"a shift by everything", with(12, "\x40")},
      {"segments of an odd length", with(directory + 8, "\x03")},
      {"segments of no length", with(directory + 8, std::string(4, '\0'))},
      {"more segments than fit", with(directory + 12, "\xff\xff")},
      {"more segments than there are numbers", with(directory + 12, "\xff\xff\xff\xff")},
      {"slots beyond the end", with(directory + 16, "\xff\xff\xff\x7f")},
      {"slots in the header", with(directory + 16, std::string(8, '\0'))},
      {"slots that lie askew", with(directory + 16, "\x59")},
  };
  for (const auto& [name, bytes] : cases) {
    WriteSealed(bytes);
    EXPECT_TRUE(IsRefused()) << name;
  }
  WriteSealed(whole);
  EXPECT_FALSE(IsRefused());
}

TEST_F(PasswordFilterTest, WhatIsNoFilterIsRefusedByName) {
  for (const char* bytes : {"", "password\n123456\n", "GHPWDFLT"}) {
    Write(bytes);
    const absl::Status refused = PasswordFilter::Open(Path()).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), testing::HasSubstr(Path()));
    EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("passwords index"));
  }
  EXPECT_TRUE(absl::IsNotFound(PasswordFilter::Open(Path() + "x").status()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(PasswordFilter::Open(directory_.path().string()).status()));
}

TEST_F(PasswordFilterTest, AnUnfinishedOneLeavesWhatIsThereAndNothingBeside) {
  const std::vector<uint64_t> keys = Draw(20000);
  Build(keys);
  {
    PasswordFilterBuilder given_up(Path(), entropy_);
    // All of one shard, so that they do not wait in memory.
    for (uint64_t key = 0; key < 20000; ++key) ASSERT_EQ(given_up.Add(key), absl::OkStatus());
  }
  EXPECT_TRUE((*PasswordFilter::Open(Path()))->Contains(keys[7]));
  const std::filesystem::directory_iterator files(directory_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
  PasswordFilterBuilder nowhere(Path() + "/no/such/place", entropy_);
  EXPECT_TRUE(absl::IsFailedPrecondition(nowhere.Finish().status()) ||
              absl::IsNotFound(nowhere.Finish().status()));
}

TEST_F(PasswordFilterTest, AFilterInUseGoesOnWhenItsFileIsReplaced) {
  const std::vector<uint64_t> keys = Draw(1000);
  Build(keys);
  const auto filter = *PasswordFilter::Open(Path());
  Build(Draw(1000));
  for (const uint64_t key : keys) ASSERT_TRUE(filter->Contains(key));
}

TEST_F(PasswordFilterTest, AFilterInUseGoesOnWhenItsFileIsCutOrWrittenOver) {
  const std::vector<uint64_t> keys = Draw(30000);
  Build(keys);
  const auto filter = *PasswordFilter::Open(Path());
  Write("x");
  for (const uint64_t key : keys) ASSERT_TRUE(filter->Contains(key));
  Write(std::string(1 << 20, '\0'));
  for (const uint64_t key : keys) ASSERT_TRUE(filter->Contains(key));
}

TEST_F(PasswordFilterTest, APipeIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(mkfifo(Path().c_str(), 0600), 0);
  EXPECT_TRUE(IsRefused());
}

}  // namespace
}  // namespace gatehouse::server
