#include "server/secrets/known/password_lines.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/runtime/entropy.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

constexpr char kSha1OfAbc[] = "A9993E364706816ABA3E25717850C26C9CD0D89D";

TEST(PasswordLinesTest, TheFirstLineTellsWhichOfTheFormsAListHas) {
  for (const char* digest : {kSha1OfAbc, "a9993e364706816aba3e25717850c26c9cd0d89d",
                             "A9993E364706816ABA3E25717850C26C9CD0D89D:12",
                             "a9993e364706816aba3e25717850c26c9cd0d89d\r"}) {
    PasswordLines lines;
    EXPECT_EQ(*lines.KeyOf(digest), KeyOfPassword("abc")) << digest;
    EXPECT_TRUE(absl::IsInvalidArgument(lines.KeyOf("abc").status()));
  }
  PasswordLines words;
  EXPECT_EQ(*words.KeyOf("abc"), KeyOfPassword("abc"));
  EXPECT_EQ(*words.KeyOf(kSha1OfAbc), KeyOfPassword(kSha1OfAbc)) << "a word like any other";
}

TEST(PasswordLinesTest, AlmostADigestIsAWord) {
  for (const char* word :
       {"A9993E364706816ABA3E25717850C26",
        "A9993E364706816ABA3E25717850C26C9CD0D89D:", "A9993E364706816ABA3E25717850C26C9CD0D89D:1x",
        "A9993E364706816ABA3E25717850C26C9CD0D89Dx", "G9993E364706816ABA3E25717850C26C9CD0D89D"}) {
    EXPECT_EQ(*PasswordLines().KeyOf(word), KeyOfPassword(word)) << word;
  }
}

TEST(PasswordLinesTest, AListOfDigestsOfAnotherKindIsRefused) {
  for (const char* digest :
       {"8846F7EAEE8FB117AD06BDD830B7586C:3", "8846f7eaee8fb117ad06bdd830b7586c",
        "0018A45C4D1DEF81644B54AB7F969B88D65:10", "A9993E364706816ABA3E25717850C26C9CD0D89",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "\xef\xbb\xbf"
        "8846F7EAEE8FB117AD06BDD830B7586C:3\r"}) {
    const absl::Status refused = PasswordLines().KeyOf(digest).status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << digest;
    EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("SHA-1"));
  }
}

TEST(PasswordLinesTest, AByteOrderMarkIsNoPartOfTheFirstLine) {
  PasswordLines words;
  EXPECT_EQ(*words.KeyOf("\xef\xbb\xbfword"), KeyOfPassword("word"));
  EXPECT_FALSE(words.are_digests());
  PasswordLines digests;
  EXPECT_EQ(*digests.KeyOf(std::string("\xef\xbb\xbf") + kSha1OfAbc), KeyOfPassword("abc"));
  EXPECT_TRUE(digests.are_digests());
}

TEST(PasswordLinesTest, WhatCannotBeReadIsToldAndNotThrown) {
  harness::TemporaryDirectory directory;
  SeededEntropy entropy(1);
  PasswordFilterBuilder builder((directory / "filter").string(), entropy);
  std::ifstream list(directory.path());
  ASSERT_TRUE(list.is_open());
  EXPECT_TRUE(absl::IsUnavailable(ReadPasswordLines(list, builder).status()));
}

TEST(PasswordLinesTest, WordsAreTakenInTheFormInWhichPasswordsAreJudged) {
  PasswordLines lines;
  EXPECT_EQ(*lines.KeyOf("cafe\u0301"), KeyOfPassword("caf\u00e9"));
  EXPECT_EQ(*lines.KeyOf("\uff50\uff41\uff53\uff53"), KeyOfPassword("pass"));
  EXPECT_EQ(*lines.KeyOf("with spaces \r"), KeyOfPassword("with spaces "));
}

TEST(PasswordLinesTest, WhatNobodyCanHaveForAPasswordIsPassedOver) {
  PasswordLines lines;
  for (const std::string& line :
       {std::string(), std::string("\r"), std::string("no\xff utf8"), std::string("a\tb"),
        std::string("a\0b", 3), std::string(5000, 'x')}) {
    EXPECT_EQ(*lines.KeyOf(line), std::nullopt) << line.substr(0, 10);
  }
}

TEST(PasswordLinesTest, ALineThatDoesNotBelongIsNamedByItsNumberAlone) {
  PasswordLines lines;
  ASSERT_TRUE(lines.KeyOf(kSha1OfAbc).ok());
  const absl::Status refused = lines.KeyOf("canary").status();
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("line 2 "));
  EXPECT_THAT(std::string(refused.message()), testing::Not(testing::HasSubstr("canary")));
}

TEST(PasswordLinesTest, ReadsAListToItsEndWhateverItsLinesAre) {
  harness::TemporaryDirectory directory;
  SeededEntropy entropy(1);
  const std::string path = (directory / "filter").string();
  PasswordFilterBuilder builder(path, entropy);
  std::istringstream list("one\ntwo\r\n\n" + std::string(1 << 20, 'x') + "\nthe last");
  const auto read = ReadPasswordLines(list, builder);
  ASSERT_EQ(read.status(), absl::OkStatus());
  EXPECT_EQ(read->lines, 5U);
  EXPECT_EQ(read->skipped, 2U);
  EXPECT_EQ(*builder.Finish(), 3U);
  const auto filter = *PasswordFilter::Open(path);
  for (const char* word : {"one", "two", "the last"}) {
    EXPECT_TRUE(filter->Contains(KeyOfPassword(word))) << word;
  }
  EXPECT_FALSE(filter->Contains(KeyOfPassword("three")));
}

}  // namespace
}  // namespace gatehouse::server
