#include "server/secrets/known/known_passwords.h"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

#include "server/runtime/entropy.h"
#include "server/secrets/known/common_passwords.h"
#include "server/secrets/known/password_filter_builder.h"
#include "server/secrets/password_strength.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {
namespace {

bool Contains(const KnownPasswords& known, absl::string_view password) {
  return known.Contains(*NormalizePassword(SecretString(password)));
}

class BreachedPasswordsTest : public testing::Test {
 protected:
  std::string Path() const { return (directory_ / "breached.filter").string(); }

  void Build(const std::vector<std::string>& passwords) {
    PasswordFilterBuilder builder(Path(), entropy_);
    for (const std::string& password : passwords) {
      ASSERT_EQ(builder.Add(KeyOfPassword(password)), absl::OkStatus());
    }
    ASSERT_EQ(builder.Finish().status(), absl::OkStatus());
  }

  harness::TemporaryDirectory directory_;
  SeededEntropy entropy_{1};
};

TEST(CommonPasswordsTest, AllOfTheListAreKnownInEitherCase) {
  const KnownPasswords known;
  int count = 0;
  for (const absl::string_view word : absl::StrSplit(kCommonPasswords, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(Contains(known, word)) << word;
    EXPECT_TRUE(Contains(known, absl::AsciiStrToUpper(word))) << word;
    ++count;
  }
  EXPECT_GT(count, 15000) << "the list of the package at hand";
}

TEST(CommonPasswordsTest, AreKnownHoweverTheyAreWritten) {
  const KnownPasswords known;
  for (const auto& [password, is_known] : std::vector<std::pair<std::string, bool>>{
           {"password123", true},
           {"PassWord123", true},
           {"\uff30\uff21\uff33\uff33\uff37\uff2f\uff32\uff24\uff11\uff12\uff13", true},
           {"pass\u034fword\ufe0e123", true},
           {"p\u0061ssword123", true},
           {"pa\u017f\u017fword123", true},  // long s
           {"password123\u0301", false},
           {"passwor\u0501123", false},  // a Cyrillic letter that looks like d
           {"granite-teapot-meadow-417", false},
           {"", false},
       }) {
    EXPECT_EQ(Contains(known, password), is_known) << password;
  }
}

TEST_F(BreachedPasswordsTest, AreKnownExactlyAsTheyAre) {
  Build({"Granite-Teapot-417", "caf\u00e9-au-lait-1"});
  const auto known = *KnownPasswords::Open(Path());
  EXPECT_EQ(known->breached(), 2U);
  EXPECT_TRUE(Contains(*known, "Granite-Teapot-417"));
  EXPECT_FALSE(Contains(*known, "granite-teapot-417"));
  EXPECT_TRUE(Contains(*known, "cafe\u0301-au-lait-1")) << "typed another way";
  EXPECT_TRUE(Contains(*known, "password123")) << "the common ones are known too";
}

TEST_F(BreachedPasswordsTest, AFileAtFaultIsRefusedAtTheStartAndChangesNothingLater) {
  EXPECT_TRUE(absl::IsNotFound(KnownPasswords::Open(Path()).status()));
  Build({"Granite-Teapot-417"});
  const auto known = *KnownPasswords::Open(Path());
  std::ofstream(Path() + ".new") << "no filter";
  std::rename((Path() + ".new").c_str(), Path().c_str());
  EXPECT_TRUE(absl::IsFailedPrecondition(known->Reload()));
  EXPECT_TRUE(absl::IsFailedPrecondition(known->CheckReload()));
  EXPECT_TRUE(Contains(*known, "Granite-Teapot-417"));
  Build({"Sable-Orbit-58"});
  EXPECT_EQ(known->Reload(), absl::OkStatus());
  EXPECT_EQ(known->CheckReload(), absl::OkStatus());
  EXPECT_TRUE(Contains(*known, "Sable-Orbit-58"));
  EXPECT_FALSE(Contains(*known, "Granite-Teapot-417"));
}

TEST_F(BreachedPasswordsTest, WithoutAFileNothingIsReloaded) {
  const auto known = *KnownPasswords::Open("");
  EXPECT_EQ(known->Reload(), absl::OkStatus());
  EXPECT_EQ(known->breached(), 0U);
}

}  // namespace
}  // namespace gatehouse::server
