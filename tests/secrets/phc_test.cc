#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "server/secrets/argon2.h"

namespace gatehouse::server {
namespace {

constexpr char kGood[] =
    "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$"
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

TEST(PhcTest, WhatIsWrittenIsRead) {
  const absl::StatusOr<PhcHash> hash = ParsePhc(kGood);
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_EQ(hash->parameters, Argon2Parameters());
  EXPECT_EQ(hash->salt.size(), PhcHash::kSaltSize);
  EXPECT_EQ(hash->tag.size(), PhcHash::kTagSize);
  EXPECT_EQ(hash->tag.back(), 31);
  EXPECT_EQ(FormatPhc(*hash), kGood);
}

TEST(PhcTest, AnythingButTheCanonicalFormIsRefused) {
  const std::string salt = "AAECAwQFBgcICQoLDA0ODw";
  const std::string tag = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  const auto with = [&](const std::string& head) { return head + "$" + salt + "$" + tag; };
  const std::string head = "$argon2id$v=19$m=19456,t=2,p=1";
  for (const std::string& text : std::vector<std::string>{
           "",
           "$",
           "$$$$$",
           with("argon2id$v=19$m=19456,t=2,p=1"),
           with("$argon2d$v=19$m=19456,t=2,p=1"),
           with("$argon2id$v=16$m=19456,t=2,p=1"),
           with("$argon2id$m=19456,t=2,p=1"),
           with("$argon2id$v=19$t=2,m=19456,p=1"),
           with("$argon2id$v=19$m=19456,t=2"),
           with("$argon2id$v=19$m=19456,t=2,p=1,data=AA"),
           with("$argon2id$v=19$m=019456,t=2,p=1"),
           with("$argon2id$v=19$m=+19456,t=2,p=1"),
           with("$argon2id$v=19$m= 19456,t=2,p=1"),
           with("$argon2id$v=19$m=-1,t=2,p=1"),
           with("$argon2id$v=19$m=4294967296,t=2,p=1"),
           with("$argon2id$v=19$m=,t=2,p=1"),
           with(" $argon2id$v=19$m=19456,t=2,p=1"),
           with(head) + "\n",
           with(head) + "$",
           with(head) + "=",
           head + "$" + salt,
           head + "$$" + tag,
           head + "$" + salt + "$",
           head + "$AAECAwQFBg$" + tag,                     // salt of 7 bytes
           head + "$" + salt + "$AAECAwQFBgcICQoLDA0O",     // tag of 15 bytes
           head + "$" + salt.substr(0, 21) + "x$" + tag,    // stray bits after the salt
           head + "$" + salt + "==$" + tag,                 // padding
           head + "$AAECAwQFBgcICQoLDA0O-_$" + tag,         // the other alphabet
           head + "$" + salt + "$" + std::string(88, 'A'),  // tag of 66 bytes
           head + "$" + std::string(1000, 'A') + "$" + tag,
           std::string(1 << 20, '$'),
       }) {
    EXPECT_FALSE(ParsePhc(text).ok()) << text.substr(0, 120);
  }
}

TEST(PhcTest, MutatedTextIsEitherRefusedOrReadExactly) {
  constexpr unsigned kSeed = 7;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&random](size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random);
  };
  const std::string characters = "$=,vmtp0129AZaz+/-_ \n";
  int read = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text = kGood;
    for (size_t edits = below(3) + 1; edits > 0; --edits) {
      const size_t at = below(text.size());
      const char character = characters[below(characters.size())];
      switch (below(3)) {
        case 0:
          text[at] = character;
          break;
        case 1:
          text.insert(at, 1, character);
          break;
        default:
          text.erase(at, 1);
      }
    }
    const absl::StatusOr<PhcHash> hash = ParsePhc(text);
    if (!hash.ok()) continue;
    ++read;
    ASSERT_EQ(FormatPhc(*hash), text);
  }
  EXPECT_GT(read, 1000) << "mutations of salt, tag and numbers should often stay readable";
}

}  // namespace
}  // namespace gatehouse::server
