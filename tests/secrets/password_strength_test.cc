#include "server/secrets/password_strength.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

#include "server/secrets/words.h"

namespace gatehouse::server {
namespace {

PasswordFacts Examine(absl::string_view password, std::vector<absl::string_view> names = {}) {
  return ExaminePassword(*NormalizePassword(SecretString(password)), names, /*shortest_name=*/3);
}

TEST(PasswordStrengthTest, OnePasswordTypedTwoWaysIsOnePassword) {
  EXPECT_EQ(NormalizePassword(SecretString("caf\u00e9"))->Reveal(),
            NormalizePassword(SecretString("cafe\u0301"))->Reveal());
  EXPECT_EQ(NormalizePassword(SecretString("\uff41\uff42"))->Reveal(), "ab");
  EXPECT_NE(NormalizePassword(SecretString("Abc"))->Reveal(),
            NormalizePassword(SecretString("abc"))->Reveal());
}

TEST(PasswordStrengthTest, WhatIsNotTextIsRefusedWithoutBeingRepeated) {
  for (const absl::string_view password :
       {absl::string_view("canary\xff"), absl::string_view("canary\0x", 8),
        absl::string_view("canary\n"), absl::string_view("canary\x7f")}) {
    const absl::Status status = NormalizePassword(SecretString(password)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message().find("canary"), absl::string_view::npos);
  }
}

TEST(PasswordStrengthTest, LengthIsCountedInCodePointsOfTheNormalForm) {
  EXPECT_EQ(Examine("").length, 0);
  EXPECT_EQ(Examine("abc").length, 3);
  EXPECT_EQ(Examine("cafe\u0301").length, 4);
  EXPECT_EQ(Examine("\U0001f40e\U0001f40e").length, 2);
  EXPECT_EQ(Examine("\ufb01sh").length, 4) << "the ligature becomes two letters";
}

TEST(PasswordStrengthTest, WhatGuessersTryFirstIsCommon) {
  for (const char* password : {"qwertyuiop", "1234567890", "aaaaaaaaaaaa", "abcdefghijklm"}) {
    EXPECT_TRUE(Examine(password).common) << password;
  }
  for (const char* password : {"granite-teapot-meadow-417", "k3)vL!0qpZ", "qwertyuiop7!x"}) {
    EXPECT_FALSE(Examine(password).common) << password;
  }
}

TEST(PasswordStrengthTest, NamesAreFoundHoweverTheyAreWritten) {
  struct Case {
    const char* password;
    const char* name;
    bool contained;
  };
  for (const auto& [password, name, contained] : std::vector<Case>{
           {"xxMargaretxx", "Margaret", true},
           {"xxMARGARETxx", "margaret", true},
           {"xxmar.ga-ret1", "Margaret", true},
           {"mary jane 77", "Mary-Jane", true},
           {"\uff4dargaret1", "Margaret", true},
           {"stra\u00dfe12345", "STRASSE", true},
           {"xxMargare1xx", "Margaret", false},
           {"something li", "Li", false},
           {"something", "", false},
           {"something", "...", false},
           {"m.oneil.1999", "m.oneil", true},
       }) {
    EXPECT_EQ(Examine(password, {name}).contains_name, contained) << password << " / " << name;
  }
}

TEST(PasswordStrengthTest, GuessesGrowWithWhatIsHardToGuess) {
  const double common = Examine("password12").guesses_log10;
  const double phrase = Examine("sable-orbit-kettle-583").guesses_log10;
  EXPECT_LT(common, 4);
  EXPECT_GT(phrase, 10);
  EXPECT_LT(Examine("riversidetrust9", {"riversidetrust"}).guesses_log10,
            Examine("riversidetrust9").guesses_log10)
      << "a name of the person's is easy to guess";
}

TEST(PasswordStrengthTest, HostileLongPasswordsCostNoMoreThanTheBound) {
  const std::string longest(400, 'a');
  EXPECT_EQ(Examine(longest).guesses_log10, Examine(longest.substr(0, 128)).guesses_log10);
}

TEST(PasswordStrengthTest, TheWordsAreSortedDifferentAndReadableOverATelephone) {
  for (size_t i = 0; i < kWords.size(); ++i) {
    const absl::string_view word = kWords[i];
    EXPECT_GE(word.size(), 4U) << word;
    EXPECT_LE(word.size(), 8U) << word;
    for (const char character : word) EXPECT_TRUE(absl::ascii_islower(character)) << word;
    if (i > 0) {
      EXPECT_LT(kWords[i - 1], word);
    }
  }
}

TEST(PasswordStrengthTest, GeneratedPasswordsAreWordsAndANumberAndDoNotRepeat) {
  SystemEntropy entropy;
  const std::set<absl::string_view> words(kWords.begin(), kWords.end());
  std::set<std::string> seen;
  std::set<absl::string_view> used;
  for (int i = 0; i < 20000; ++i) {
    const SecretString password = GenerateTemporaryPassword(entropy);
    const std::vector<std::string> parts = absl::StrSplit(password.Reveal(), '-');
    ASSERT_EQ(parts.size(), 4U);
    for (size_t word = 0; word < 3; ++word) {
      const auto found = words.find(parts[word]);
      ASSERT_NE(found, words.end()) << parts[word];
      used.insert(*found);
    }
    ASSERT_EQ(parts[3].size(), 3U);
    seen.emplace(password.Reveal());
  }
  EXPECT_EQ(seen.size(), 20000U);
  EXPECT_EQ(used.size(), words.size()) << "every word is drawn";
}

}  // namespace
}  // namespace gatehouse::server
