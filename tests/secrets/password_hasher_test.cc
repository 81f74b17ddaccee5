#include "server/secrets/password_hasher.h"

#include <argon2.h>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

#include "tests/secrets/one_permit.h"

namespace gatehouse::server {
namespace {

constexpr Argon2Parameters kCheap = {.memory_kib = 64, .passes = 2};

class PasswordHasherTest : public ::testing::Test {
 protected:
  std::string Hash(absl::string_view password, const Argon2Parameters& parameters = kCheap) {
    return *hasher_.Hash(permit_, SecretString(password), parameters);
  }
  absl::StatusOr<bool> Verify(absl::string_view password, absl::string_view phc) {
    return hasher_.Verify(permit_, SecretString(password), phc);
  }

  SeededEntropy entropy_{1};
  OnePermit permit_;
  PasswordHasher hasher_{entropy_, {.memory_kib = 32768, .passes = 4, .parallelism = 4}};
};

TEST_F(PasswordHasherTest, OnlyTheRightPasswordVerifies) {
  const std::string phc = Hash("correct horse");
  EXPECT_EQ(*Verify("correct horse", phc), true);
  EXPECT_EQ(*Verify("correct horsf", phc), false);
  EXPECT_EQ(*Verify("", phc), false);
  EXPECT_EQ(*Verify(absl::string_view("correct horse\0", 14), phc), false);
}

TEST_F(PasswordHasherTest, EveryHashHasItsOwnSalt) { EXPECT_NE(Hash("same"), Hash("same")); }

TEST_F(PasswordHasherTest, TheReferenceLibraryVerifiesOurHashesAndWeItsOwn) {
  EXPECT_EQ(argon2id_verify(Hash("password", {}).c_str(), "password", 8), ARGON2_OK);
  char encoded[200];
  ASSERT_EQ(argon2id_hash_encoded(2, 256, 3, "password", 8, "0123456789abcdef", 16, 32, encoded,
                                  sizeof(encoded)),
            ARGON2_OK);
  EXPECT_EQ(*Verify("password", encoded), true);
}

TEST_F(PasswordHasherTest, AStoredHashBeyondTheLimitsIsRefusedBeforeMemoryIsReserved) {
  const std::string phc = Hash("password");
  for (const char* absurd :
       {"m=4294967295,t=2,p=1", "m=32769,t=2,p=1", "m=64,t=5,p=1", "m=64,t=4294967295,p=1",
        "m=64,t=2,p=5", "m=64,t=0,p=1", "m=64,t=2,p=0", "m=7,t=2,p=1"}) {
    const absl::StatusOr<bool> verified =
        Verify("password", absl::StrReplaceAll(phc, {{"m=64,t=2,p=1", absurd}}));
    EXPECT_EQ(verified.status().code(), absl::StatusCode::kDataLoss) << absurd;
  }
}

TEST_F(PasswordHasherTest, AnUnreadableHashIsAnErrorThatDoesNotRepeatIt) {
  const absl::StatusOr<bool> verified = Verify("password", "$argon2id$canary");
  EXPECT_EQ(verified.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(verified.status().message().find("canary"), absl::string_view::npos);
}

TEST_F(PasswordHasherTest, ParametersBeyondTheLimitsAreNeverHashedWith) {
  const Argon2Parameters absurd = {.memory_kib = 65536};
  EXPECT_EQ(hasher_.Hash(permit_, SecretString("p"), absurd).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(hasher_.VerifyDummy(permit_, SecretString("p"), absurd).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(hasher_.VerifyDummy(permit_, SecretString("p"), kCheap).ok());
}

TEST_F(PasswordHasherTest, AHashMadeOtherwiseThanTodayNeedsARehash) {
  const std::string phc = Hash("password");
  EXPECT_FALSE(PasswordHasher::NeedsRehash(phc, kCheap));
  EXPECT_TRUE(PasswordHasher::NeedsRehash(phc, {.memory_kib = 65, .passes = 2}));
  EXPECT_TRUE(PasswordHasher::NeedsRehash(phc, {.memory_kib = 64, .passes = 3}));
  EXPECT_TRUE(PasswordHasher::NeedsRehash(phc, {.memory_kib = 64, .passes = 2, .parallelism = 2}));
  EXPECT_TRUE(PasswordHasher::NeedsRehash(phc.substr(0, phc.size() - 3), kCheap)) << "short tag";
  EXPECT_TRUE(PasswordHasher::NeedsRehash("", kCheap));
}

}  // namespace
}  // namespace gatehouse::server
