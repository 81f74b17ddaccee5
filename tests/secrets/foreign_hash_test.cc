// Hashes of other systems, by published vectors and by what other programs computed.
#include "server/secrets/foreign_hash.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "server/secrets/password_hasher.h"
#include "tests/secrets/one_permit.h"

namespace gatehouse::server {
namespace {

// Of the salt "0123456789abcdef", by Python's hashlib.
constexpr char kScrypt[] =
    "$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$6g3umF+uVrJsObaTZhIbbTlgrvOEFcCItdwSjtPF67M";
constexpr char kSmallScrypt[] =
    "$scrypt$ln=4,r=1,p=2$MDEyMzQ1Njc4OWFiY2RlZg$zZ3w/TjxQUZplJMAoqhOlM1CPFp2jirrt0pgKjSy38o";
// The scrypt paper's, as crypt writes it.
constexpr char kScryptOfCrypt[] =
    "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D";
// Openwall's.
constexpr char kBcryptA[] = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
constexpr char kBcryptB[] = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
constexpr char kBcryptY[] = "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
// The reference library's.
constexpr char kArgon2i[] =
    "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA";

class ForeignHashTest : public ::testing::Test {
 protected:
  absl::StatusOr<bool> Verify(absl::string_view password, absl::string_view hash) {
    return hasher_.Verify(permit_, SecretString(password), hash);
  }

  SeededEntropy entropy_{1};
  OnePermit permit_;
  PasswordHasher hasher_{entropy_};
};

TEST_F(ForeignHashTest, OnlyTheRightPasswordVerifies) {
  struct Case {
    const char* hash;
    const char* password;
  };
  for (const auto& [hash, password] : std::vector<Case>{{kScrypt, "correct horse"},
                                                        {kSmallScrypt, "correct horse"},
                                                        {kScryptOfCrypt, "pleaseletmein"},
                                                        {kBcryptA, "U*U"},
                                                        {kBcryptB, "correct horse"},
                                                        {kBcryptY, "correct horse"},
                                                        {kArgon2i, "password"}}) {
    EXPECT_EQ(hasher_.CheckVerifiable(hash), absl::OkStatus()) << hash;
    EXPECT_EQ(Verify(password, hash).value_or(false), true) << hash;
    EXPECT_EQ(Verify(std::string(password) + "x", hash).value_or(true), false) << hash;
    EXPECT_EQ(Verify("", hash).value_or(true), false) << hash;
    std::string other = hash;
    other.back() = other.back() == 'A' ? 'Q' : 'A';
    EXPECT_NE(Verify(password, other).value_or(false), true) << other;
  }
}

TEST_F(ForeignHashTest, TheUsualCostsOfOtherSystemsAreAccepted) {
  const std::string salt = "$MDEyMzQ1Njc4OWFiY2RlZg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const char* costs :
       {"ln=17,r=8,p=1", "ln=16,r=8,p=2", "ln=14,r=8,p=5", "ln=13,r=8,p=10", "ln=2,r=64,p=16"}) {
    EXPECT_EQ(hasher_.CheckVerifiable(absl::StrCat("$scrypt$", costs, salt)), absl::OkStatus())
        << costs;
  }
}

TEST_F(ForeignHashTest, APasswordLongerThanCryptTakesIsWrongAndNoError) {
  const std::string longest(511, 'a');
  // Of these 511 letters; bcrypt reads the first 72.
  const char kOfLetters[] = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
  EXPECT_EQ(Verify(longest, kOfLetters).value_or(false), true);
  for (const size_t size : {512, 513, 1024}) {
    for (const char* hash : {kOfLetters, kBcryptA, kBcryptY, kScryptOfCrypt, kScrypt}) {
      const absl::StatusOr<bool> right = Verify(std::string(size, 'a'), hash);
      ASSERT_EQ(right.status(), absl::OkStatus()) << size << " " << hash;
      EXPECT_FALSE(*right) << size << " " << hash;
    }
  }
}

TEST_F(ForeignHashTest, BitsThatABcryptHashHasTooManyDoNotMatter) {
  std::string hash = kBcryptB;
  hash[28] = 'v';
  hash.back() = 'f';
  EXPECT_EQ(hasher_.CheckVerifiable(hash), absl::OkStatus());
  EXPECT_EQ(Verify("correct horse", hash).value_or(false), true);
  EXPECT_EQ(Verify("correct horsf", hash).value_or(true), false);
}

TEST_F(ForeignHashTest, WhatBcryptDidNotReadIsNotMadeAnew) {
  for (const char* hash : {kBcryptA, kBcryptB, kBcryptY}) {
    EXPECT_TRUE(PasswordHasher::CanRehash(hash, SecretString(std::string(71, 'a'))));
    EXPECT_FALSE(PasswordHasher::CanRehash(hash, SecretString(std::string(72, 'a'))));
    EXPECT_FALSE(PasswordHasher::CanRehash(hash, SecretString(std::string(73, 'a'))));
  }
  for (const char* hash : {kScrypt, kScryptOfCrypt, kArgon2i}) {
    EXPECT_TRUE(PasswordHasher::CanRehash(hash, SecretString(std::string(500, 'a'))));
  }
}

TEST_F(ForeignHashTest, EveryOneOfThemIsMadeAnewAtTheNextSignIn) {
  for (const char* hash : {kScrypt, kScryptOfCrypt, kBcryptB, kArgon2i}) {
    EXPECT_TRUE(PasswordHasher::NeedsRehash(hash, {})) << hash;
  }
  EXPECT_TRUE(PasswordHasher::NeedsRehash(kArgon2i, {.memory_kib = 65536, .passes = 2}));
}

TEST_F(ForeignHashTest, WhatAsksForTooMuchIsRefusedBeforeAnythingIsReserved) {
  const std::string salt = "$MDEyMzQ1Njc4OWFiY2RlZg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  for (const std::string& absurd : {
           "$scrypt$ln=19,r=8,p=1" + salt,
           "$scrypt$ln=31,r=1,p=1" + salt,
           "$scrypt$ln=32,r=8,p=1" + salt,
           "$scrypt$ln=63,r=8,p=1" + salt,
           "$scrypt$ln=64,r=8,p=1" + salt,
           "$scrypt$ln=4294967295,r=8,p=1" + salt,
           "$scrypt$ln=1,r=4294967295,p=1" + salt,
           "$scrypt$ln=1,r=8,p=4294967295" + salt,
           "$scrypt$ln=1,r=4294967295,p=4294967295" + salt,
           "$scrypt$ln=15,r=8,p=5" + salt,
           "$scrypt$ln=18,r=8,p=1" + salt,
           "$scrypt$ln=2,r=1,p=17" + salt,
           "$scrypt$ln=2,r=65,p=1" + salt,
           "$scrypt$ln=2,r=1,p=4194304" + salt,
           "$scrypt$ln=2,r=262144,p=1" + salt,
           "$scrypt$ln=2,r=4194304,p=16" + salt,
           "$scrypt$ln=1,r=1,p=1" + salt,
           "$scrypt$ln=0,r=8,p=1" + salt,
           "$scrypt$ln=15,r=0,p=1" + salt,
           "$scrypt$ln=15,r=8,p=0" + salt,
           std::string("$7$S6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"),
           std::string("$7$/6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"),
           std::string("$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8z"),
           std::string("$7$zzzzzzzzzzzSodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"),
           std::string("$7$C........../SodiumChlorid$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"),
           std::string("$2b$15$abcdefghijklmnopqrstuuN7KQ2SC1n8yRmv91FwT7hMKqGwFr0a2"),
           std::string("$2b$31$abcdefghijklmnopqrstuuN7KQ2SC1n8yRmv91FwT7hMKqGwFr0a2"),
           std::string(
               "$argon2i$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftv"),
           std::string(
               "$argon2id$v=19$m=65536,t=4294967295,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweA"),
       }) {
    EXPECT_TRUE(absl::IsInvalidArgument(hasher_.CheckVerifiable(absurd))) << absurd;
    EXPECT_TRUE(absl::IsDataLoss(Verify("password", absurd).status())) << absurd;
  }
}

TEST_F(ForeignHashTest, WhatIsNoHashOfTheseIsRefusedWithoutBeingRepeated) {
  for (const std::string& other :
       {std::string("canary"), std::string("$1$canary$qLTvRzwuVlzuO2TJzVIkJ0"),
        std::string("$6$canarycanary$abc"), std::string("$y$j9T$canary$abc"),
        std::string("{SSHA}canary"), std::string("$2x$05$canary"), std::string("$2b$canary"),
        std::string("$2b$1 $abcdefghijklmnopqrstuuN7KQ2SC1n8yRmv91FwT7hMKqGwFr0a2"),
        std::string("$2b$+4$abcdefghijklmnopqrstuuN7KQ2SC1n8yRmv91FwT7hMKqGwFr0a2"),
        std::string("$2b$04$abcdefghijklmnopqrstuuN7KQ2SC1n8yRmv91FwT7hMKqGwFr0a:"),
        std::string("$scrypt$ln=10,r=8$canary$canary"), std::string("$scrypt$"),
        std::string("$scrypt$ln=010,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg"),
        std::string("$7$canary"), std::string("$7$C6..../....Sodium$canary"),
        std::string("$argon2d$v=19$m=64,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweA"),
        "$2b$04$" + std::string(100000, 'a'), "$7$" + std::string(100000, '.'),
        std::string("$2b$04$abc\0efghijklmnopqrstuuN7KQ2SC1n8yRmv91FwT7hMKqGwFr0a2", 60)}) {
    const absl::Status refused = hasher_.CheckVerifiable(other);
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << other.substr(0, 80);
    EXPECT_EQ(refused.message().find("canary"), absl::string_view::npos);
  }
}

}  // namespace
}  // namespace gatehouse::server
