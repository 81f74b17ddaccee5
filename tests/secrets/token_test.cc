#include "server/secrets/token.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

TEST(TokenTest, AnIssuedTokenTellsItsAccountAndItsDigest) {
  SeededEntropy entropy(3);
  for (int i = 0; i < 1000; ++i) {
    const std::string account_id = NewId(entropy);
    const IssuedToken token = IssueSessionToken(account_id, entropy);
    const auto presented = ParseSessionToken(token.text.Reveal());
    ASSERT_TRUE(presented.has_value());
    EXPECT_EQ(presented->account_id(), account_id);
    EXPECT_EQ(presented->digest, token.digest);
    EXPECT_EQ(ParseSessionId(token.digest.ToSessionId()), token.digest);
  }
}

TEST(TokenTest, TheDigestIsTheSha256OfTheWholeText) {
  EXPECT_EQ(absl::BytesToHexString(DigestToken("abc").view()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(TokenTest, NoTwoTokensOfAnAccountAreEqual) {
  SystemEntropy entropy;
  const std::string account_id = NewId(entropy);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.emplace(IssueSessionToken(account_id, entropy).text.Reveal());
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(TokenTest, TextThatWeWouldNotHaveWrittenIsNoToken) {
  const std::string body(64, 'A');
  ASSERT_TRUE(ParseSessionToken("gh1_" + body).has_value());
  for (const std::string& text : std::vector<std::string>{
           "", "gh1_", "gh1", "gh1_" + body.substr(1), "gh1_" + body + "A", "gh2_" + body,
           "GH1_" + body, " gh1_" + body.substr(1), "gh1_" + body.substr(1) + "=",
           "gh1_" + body.substr(1) + "+", "gh1_" + body.substr(1) + "/",
           "gh1_" + body.substr(1) + " ", "gh1_" + body.substr(1) + "\n",
           "gh1_" + body.substr(1) + std::string(1, '\0'), "gh1_" + body.substr(1) + "\xff",
           body + "gh1_", "Bearer gh1_" + body}) {
    EXPECT_FALSE(ParseSessionToken(text).has_value()) << text;
  }
}

TEST(TokenTest, OneTextIsOneToken) {
  SeededEntropy entropy(4);
  constexpr unsigned kSeed = 11;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  std::mt19937 random(kSeed);
  const IssuedToken token = IssueSessionToken(NewId(entropy), entropy);
  for (int i = 0; i < 100000; ++i) {
    std::string text(token.text.Reveal());
    text[random() % text.size()] = static_cast<char>(random() % 256);
    const auto presented = ParseSessionToken(text);
    if (presented.has_value() && text != token.text.Reveal()) {
      ASSERT_NE(presented->digest, token.digest);
      ASSERT_TRUE(IsWellFormedId(presented->account_id()));
    }
  }
}

TEST(TokenTest, OnlyCanonicalBase64UrlIsAnId) {
  for (const char* id :
       {"AAAAAAAAAAAAAAAAAAAAAA", "abcdefghijklmnopqrst-w", "_____________________w"}) {
    EXPECT_TRUE(IsWellFormedId(id)) << id;
  }
  for (const char* id :
       {"", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAA+A", "AAAAAAAAAAAAAAAAAAAA A"}) {
    EXPECT_FALSE(IsWellFormedId(id)) << id;
  }
}

TEST(TokenTest, OnlyCanonicalBase64UrlIsASessionId) {
  EXPECT_TRUE(ParseSessionId(std::string(43, 'A')).has_value());
  EXPECT_FALSE(ParseSessionId(std::string(42, 'A') + "B").has_value()) << "stray bits";
  EXPECT_FALSE(ParseSessionId(std::string(42, 'A')).has_value());
  EXPECT_FALSE(ParseSessionId(std::string(43, 'A') + "=").has_value());
}

}  // namespace
}  // namespace gatehouse::server
