#include "server/secrets/key_ring.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/secrets/key_ring_file.h"

namespace gatehouse::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::Span<const uint8_t> Bytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

absl::string_view Text(const SecretBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.Reveal().data()), bytes.size()};
}

class KeyRingTest : public ::testing::Test {
 protected:
  KeyRingTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "key_ring_test.XXXXXX";
    directory_ = mkdtemp(pattern.data());
    path_ = directory_ / "keyring";
  }
  ~KeyRingTest() override { std::filesystem::remove_all(directory_); }

  void Create() { ASSERT_TRUE(CreateKeyRing(path_, entropy_, clock_).ok()); }
  std::string Read() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  void Write(const std::string& text) const {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), 0600);
  }

  SeededEntropy entropy_{1};
  FakeClock clock_{absl::UnixEpoch()};
  std::filesystem::path directory_;
  std::filesystem::path path_;
};

TEST_F(KeyRingTest, ACreatedRingIsForItsOwnerAloneAndLeavesNoDraft) {
  Create();
  struct stat status;
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(status.st_nlink, 1U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
  EXPECT_TRUE(KeyRing::Load(path_).ok());
}

TEST_F(KeyRingTest, KeysAreNeverOverwritten) {
  Create();
  const std::string before = Read();
  const absl::Status again = CreateKeyRing(path_, entropy_, clock_);
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(again.message()), HasSubstr(path_.string()));
  EXPECT_EQ(Read(), before);
}

TEST_F(KeyRingTest, AFileThatOthersCanReadIsRefusedWithTheWayOut) {
  Create();
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
    chmod(path_.c_str(), mode);
    const absl::Status loaded = KeyRing::Load(path_).status();
    EXPECT_EQ(loaded.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(std::string(loaded.message()), HasSubstr("chmod 600 " + path_.string()));
  }
}

TEST_F(KeyRingTest, AMissingFileOrADirectoryIsNamed) {
  const absl::Status missing = KeyRing::Load(path_).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr(path_.string()));
  EXPECT_EQ(KeyRing::Load(directory_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(CreateKeyRing(directory_ / "no" / "ring", entropy_, clock_).code(),
            absl::StatusCode::kNotFound);
}

TEST_F(KeyRingTest, AFaultInsideIsToldByLineAndNeverWithAKey) {
  Create();
  const std::string good = Read();
  const std::vector<std::string> lines = absl::StrSplit(good, '\n');
  const std::string& key_line = lines.at(3);
  const std::vector<std::string> words = absl::StrSplit(key_line, ' ');
  const std::string& id = words.at(1);
  const std::string& key = words.at(5);
  struct Case {
    std::string text;
    const char* fault;
  };
  for (const auto& [text, fault] : std::vector<Case>{
           {"", "one active key for account-secret, not 0"},
           {absl::StrReplaceAll(good, {{"gatehouse-key-ring 1", "gatehouse-key-ring 2"}}),
            "line 3: expected 'gatehouse-key-ring 1'"},
           {absl::StrReplaceAll(good, {{key_line + "\n", ""}}),
            "one active key for account-secret"},
           {absl::StrReplaceAll(good, {{"account-secret active", "account-secret former"}}),
            "one active key for account-secret, not 0"},
           {absl::StrCat(good, key_line, "\n"), "occurs twice"},
           {absl::StrReplaceAll(good, {{"account-secret", "acount-secret"}}),
            "line 4: unknown purpose 'acount-secret'"},
           {absl::StrReplaceAll(good, {{"account-secret active", "account-secret on"}}),
            "line 4: a key is either active or former"},
           {absl::StrReplaceAll(good, {{key, key.substr(1)}}), "line 4: the key is not 32 bytes"},
           {absl::StrReplaceAll(good, {{key, key + "="}}), "line 4: the key is not 32 bytes"},
           {absl::StrReplaceAll(good, {{id, id + "x"}}), "line 4: the key's id"},
           {absl::StrReplaceAll(good, {{"1970-01-01T", "1970-13-01T"}}), "time of creation"},
           {absl::StrReplaceAll(good, {{"key ", "key  "}}), "line 4: expected: key ID"},
           {std::string(70000, '#'), "larger than 65536 bytes"},
       }) {
    Write(text);
    const absl::Status loaded = KeyRing::Load(path_).status();
    EXPECT_EQ(loaded.code(), absl::StatusCode::kFailedPrecondition) << loaded;
    EXPECT_THAT(std::string(loaded.message()), HasSubstr(fault));
    EXPECT_THAT(std::string(loaded.message()), HasSubstr(path_.string()));
    EXPECT_THAT(std::string(loaded.message()), Not(HasSubstr(key.substr(1, 20))));
  }
}

TEST_F(KeyRingTest, WhatIsSealedOpensInItsPlaceAlone) {
  Create();
  const KeyRing ring = *KeyRing::Load(path_);
  const auto sealed = ring.Seal(KeyPurpose::kAccountSecret, Bytes("SABLEORBIT"), "here", entropy_);
  EXPECT_THAT(sealed.bytes, Not(HasSubstr("SABLEORBIT")));
  const auto opened = ring.Open(KeyPurpose::kAccountSecret, sealed, "here");
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(Text(*opened), "SABLEORBIT");
  const absl::Status elsewhere = ring.Open(KeyPurpose::kAccountSecret, sealed, "there").status();
  EXPECT_EQ(elsewhere.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ring.Open(KeyPurpose::kPageToken, sealed, "here").status(), elsewhere);
}

TEST_F(KeyRingTest, EveryAlteredBitAndEveryTruncationIsOneOpaqueFailure) {
  Create();
  const KeyRing ring = *KeyRing::Load(path_);
  const auto sealed = ring.Seal(KeyPurpose::kAccountSecret, Bytes("SABLEORBIT"), "here", entropy_);
  const absl::Status opaque =
      ring.Open(KeyPurpose::kAccountSecret, {"unknown", sealed.bytes}, "here").status();
  EXPECT_EQ(opaque.code(), absl::StatusCode::kDataLoss);
  for (size_t bit = 0; bit < sealed.bytes.size() * 8; ++bit) {
    KeyRing::Sealed altered = sealed;
    altered.bytes[bit / 8] = static_cast<char>(altered.bytes[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_EQ(ring.Open(KeyPurpose::kAccountSecret, altered, "here").status(), opaque);
  }
  for (size_t size = 0; size < sealed.bytes.size(); ++size) {
    ASSERT_EQ(
        ring.Open(KeyPurpose::kAccountSecret, {sealed.key_id, sealed.bytes.substr(0, size)}, "here")
            .status(),
        opaque);
  }
}

TEST_F(KeyRingTest, EqualValuesAreSealedDifferently) {
  Create();
  const KeyRing ring = *KeyRing::Load(path_);
  EXPECT_NE(ring.Seal(KeyPurpose::kAccountSecret, Bytes("SAME"), "x", entropy_).bytes,
            ring.Seal(KeyPurpose::kAccountSecret, Bytes("SAME"), "x", entropy_).bytes);
}

TEST_F(KeyRingTest, ATagHoldsForItsMessagePurposeAndKeyAlone) {
  Create();
  const KeyRing ring = *KeyRing::Load(path_);
  const KeyRing::Tag tag = ring.Mac(KeyPurpose::kPageToken, "page 2");
  EXPECT_EQ(tag.bytes.size(), KeyRing::kTagSize);
  EXPECT_TRUE(ring.VerifyMac(KeyPurpose::kPageToken, "page 2", tag));
  EXPECT_EQ(ring.Mac(KeyPurpose::kPageToken, "page 2").bytes, tag.bytes) << "deterministic";
  EXPECT_FALSE(ring.VerifyMac(KeyPurpose::kPageToken, "page 3", tag));
  EXPECT_FALSE(ring.VerifyMac(KeyPurpose::kAttemptName, "page 2", tag));
  EXPECT_FALSE(ring.VerifyMac(KeyPurpose::kPageToken, "page 2", {"", tag.bytes}));
  EXPECT_FALSE(ring.VerifyMac(KeyPurpose::kPageToken, "page 2", {tag.key_id, ""}));
  EXPECT_FALSE(
      ring.VerifyMac(KeyPurpose::kPageToken, "page 2", {tag.key_id, tag.bytes.substr(0, 31)}));
}

TEST_F(KeyRingTest, AFormerKeyStillReadsWhatItMade) {
  Create();
  const KeyRing before = *KeyRing::Load(path_);
  const auto sealed = before.Seal(KeyPurpose::kAccountSecret, Bytes("OLD"), "x", entropy_);
  const KeyRing::Tag tag = before.Mac(KeyPurpose::kPageToken, "m");
  const std::string former = absl::StrReplaceAll(Read(), {{" active ", " former "}});
  std::filesystem::remove(path_);
  Create();
  const std::string fresh = Read();
  Write(absl::StrCat(fresh, former.substr(former.find("key "))));
  const absl::StatusOr<KeyRing> rotated = KeyRing::Load(path_);
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(Text(*rotated->Open(KeyPurpose::kAccountSecret, sealed, "x")), "OLD");
  EXPECT_TRUE(rotated->VerifyMac(KeyPurpose::kPageToken, "m", tag));
  EXPECT_NE(rotated->Mac(KeyPurpose::kPageToken, "m").key_id, tag.key_id);
}

TEST_F(KeyRingTest, RotationMakesEveryKeyAFormerOneAndTheNewOnesSeal) {
  Create();
  const auto before = KeyRing::Load(path_);
  const auto old = before->Seal(KeyPurpose::kAccountSecret, Bytes("letters"), "place", entropy_);
  ASSERT_TRUE(RotateKeyRing(path_, entropy_, clock_).ok());
  const auto after = KeyRing::Load(path_);
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(Text(*after->Open(KeyPurpose::kAccountSecret, old, "place")), "letters");
  const auto anew = after->Seal(KeyPurpose::kAccountSecret, Bytes("letters"), "place", entropy_);
  EXPECT_NE(anew.key_id, old.key_id);
  EXPECT_EQ(Text(*after->Open(KeyPurpose::kAccountSecret, anew, "place")), "letters");
  struct stat status;
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1) << "no draft";
}

TEST_F(KeyRingTest, RotationGivesAnOlderRingTheKeysThatItLacks) {
  Create();
  std::vector<std::string> lines = absl::StrSplit(Read(), '\n');
  std::erase_if(lines, [](const std::string& line) {
    return line.find(" page-token ") != std::string::npos;
  });
  Write(absl::StrJoin(lines, "\n"));
  EXPECT_THAT(std::string(KeyRing::Load(path_).status().message()), HasSubstr("keys rotate"));
  ASSERT_TRUE(RotateKeyRing(path_, entropy_, clock_).ok());
  EXPECT_TRUE(KeyRing::Load(path_).ok());
}

TEST_F(KeyRingTest, RotationLeavesTheKeyForDecoysAsItIs) {
  ASSERT_TRUE(CreateKeyRing(path_, entropy_, clock_).ok());
  const KeyRing::Tag before = KeyRing::Load(path_)->Mac(KeyPurpose::kDecoy, "nobody");
  const KeyRing::Tag code = KeyRing::Load(path_)->Mac(KeyPurpose::kCode, "123456");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(RotateKeyRing(path_, entropy_, clock_).ok());
  const absl::StatusOr<KeyRing> rotated = KeyRing::Load(path_);
  ASSERT_TRUE(rotated.ok()) << rotated.status();
  EXPECT_EQ(rotated->Mac(KeyPurpose::kDecoy, "nobody").bytes, before.bytes);
  EXPECT_NE(rotated->Mac(KeyPurpose::kCode, "123456").bytes, code.bytes);
}

TEST_F(KeyRingTest, OnlyAFormerKeyCanBeRemoved) {
  Create();
  const std::string first = ListKeys(path_)->front().id;
  EXPECT_TRUE(absl::IsFailedPrecondition(RemoveKey(path_, first)));
  EXPECT_TRUE(absl::IsNotFound(RemoveKey(path_, "AAAAAAAAAAAA")));
  ASSERT_TRUE(RotateKeyRing(path_, entropy_, clock_).ok());
  const size_t count = ListKeys(path_)->size();
  EXPECT_FALSE(ListKeys(path_)->front().active);
  EXPECT_TRUE(RemoveKey(path_, first).ok());
  EXPECT_EQ(ListKeys(path_)->size(), count - 1);
  EXPECT_FALSE(KeyRing::Load(path_)->Has(KeyPurpose::kAccountSecret, first));
}

}  // namespace
}  // namespace gatehouse::server
