#include "server/secrets/username.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

TEST(UsernameTest, LookAlikesAreOneName) {
  for (const char* written : {
           "m.oneil-1_x", "M.ONeil-1_X",
           "\uff4d.oneil-1_x",   // fullwidth m
           "m\uff0eoneil-1_x",   // fullwidth full stop
           "m.o\u00adneil-1_x",  // soft hyphen
           "m.oneil\u200b-1_x",  // zero width space
           "\u2133.oneil-1_x",   // script capital M
           "m.onei\u2113-1_x",   // script small l
           "m.oneil-\u2460_x",   // circled one
           "m.oneil\ufe631_x",   // small hyphen-minus
       }) {
    const absl::StatusOr<std::string> name = NormalizeUsername(written, {});
    ASSERT_TRUE(name.ok()) << written << ": " << name.status();
    EXPECT_EQ(*name, "m.oneil-1_x") << written;
    EXPECT_EQ(FoldUsername(written), "m.oneil-1_x");
  }
}

TEST(UsernameTest, OnlyTheAllowedShapeIsGivenOut) {
  const std::string longest(64, 'a');
  for (const std::string& name :
       std::vector<std::string>{"abc", "a-b", "_ab", "a.b.c", "007", longest}) {
    EXPECT_TRUE(NormalizeUsername(name, {}).ok()) << name;
  }
  for (const std::string& name :
       std::vector<std::string>{"", "ab", longest + "a", ".abc", "abc.", "a..b", "...", "a b",
                                "a@b.c", "a/b", "abc\n", "abc\u0301", "\u0430bc", "m\u00fcller",
                                "abc\xff", std::string("ab\0c", 4), "abc\u2024"}) {
    EXPECT_EQ(NormalizeUsername(name, {}).status().code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
}

TEST(UsernameTest, TheLimitsAreTheCallers) {
  const UsernameLimits limits = {.shortest = 2, .longest = 4};
  EXPECT_TRUE(NormalizeUsername("ab", limits).ok());
  EXPECT_TRUE(NormalizeUsername("abcd", limits).ok());
  EXPECT_FALSE(NormalizeUsername("a", limits).ok());
  EXPECT_FALSE(NormalizeUsername("abcde", limits).ok());
}

TEST(UsernameTest, NormalFormsAreTheirOwnNormalForm) {
  for (const char* name : {"m.oneil", "abc", "a-b_c"}) EXPECT_EQ(FoldUsername(name), name);
}

TEST(UsernameTest, BytesThatAreNotTextAreNobody) { EXPECT_EQ(FoldUsername("abc\xff"), ""); }

}  // namespace
}  // namespace gatehouse::server
