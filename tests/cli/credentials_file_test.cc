#include "clients/cli/credentials_file.h"

#include <sys/stat.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/harness/temporary_directory.h"

namespace gatehouse::cli {
namespace {

using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Optional;

class CredentialsFileTest : public ::testing::Test {
 protected:
  std::optional<std::string> Token(const std::string& server) const {
    const auto token = file_.Find(server);
    EXPECT_TRUE(token.ok()) << token.status();
    return token.value_or(std::nullopt);
  }

  harness::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_ / "config/credentials.json";
  CredentialsFile file_{path_};
};

TEST_F(CredentialsFileTest, KeepsATokenForEachServer) {
  EXPECT_EQ(Token("one"), std::nullopt);
  ASSERT_TRUE(file_.Keep("one", "gh1_first").ok());
  ASSERT_TRUE(file_.Keep("two", "gh1_other").ok());
  ASSERT_TRUE(file_.Keep("one", "gh1_second").ok());
  EXPECT_THAT(Token("one"), Optional(Eq("gh1_second")));
  EXPECT_THAT(Token("two"), Optional(Eq("gh1_other")));
}

TEST_F(CredentialsFileTest, IsReadableByItsOwnerAlone) {
  ASSERT_TRUE(file_.Keep("one", "gh1_first").ok());
  struct stat attributes {};
  ASSERT_EQ(stat(path_.c_str(), &attributes), 0);
  EXPECT_EQ(attributes.st_mode & 0777, 0600u);
}

TEST_F(CredentialsFileTest, IsNotTrustedWhenOthersCouldReadIt) {
  ASSERT_TRUE(file_.Keep("one", "gh1_first").ok());
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  const auto token = file_.Find("one");
  EXPECT_EQ(token.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(token.status().message()), HasSubstr("chmod 600"));
}

TEST_F(CredentialsFileTest, ForgetsOneServerAndKeepsTheOthers) {
  ASSERT_TRUE(file_.Keep("one", "gh1_first").ok());
  ASSERT_TRUE(file_.Keep("two", "gh1_other").ok());
  ASSERT_TRUE(file_.Forget("one").ok());
  ASSERT_TRUE(file_.Forget("never").ok());
  EXPECT_EQ(Token("one"), std::nullopt);
  EXPECT_THAT(Token("two"), Optional(Eq("gh1_other")));
}

TEST_F(CredentialsFileTest, SaysWhenItIsDamaged) {
  directory_.Write("damaged", "{\"one\":");
  ASSERT_EQ(chmod((directory_ / "damaged").c_str(), 0600), 0);
  EXPECT_EQ(CredentialsFile(directory_ / "damaged").Find("one").status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace gatehouse::cli
