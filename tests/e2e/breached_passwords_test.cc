// The operator's own list of breached passwords, through the real binary: indexed, used from the
// start, replaced while the server runs.

#include <filesystem>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class BreachedPasswordsTest : public ::testing::Test {
 protected:
  int Index(const std::string& list) { return IndexFile(directory_.Write("list", list).string()); }
  // Its exit code; what it printed is in "index.log".
  int IndexFile(const std::string& input) {
    harness::ChildProcess index({.arguments = {harness::BinaryPath("gatehouse-server"), "passwords",
                                               "index", input, Filter()},
                                 .log = directory_ / "index.log"});
    return index.Wait();
  }

  std::string Filter() const { return (directory_ / "breached.filter").string(); }

  bool WaitUntilLogged(const std::string& event) {
    return harness::WaitUntil(
        [&] { return service_->server().LogText().find(event) != std::string::npos; });
  }

  std::string ReasonOfChangingTo(const Person& person, const std::string& password) {
    Actor actor = service_->NewActor();
    EXPECT_TRUE(actor.SignIn(person.username, person.password).ok());
    v1::ChangePasswordRequest request;
    request.set_current_password(person.password);
    request.set_new_password(password);
    return actor.Call(&v1::AccountService::Stub::ChangePassword, request).reason();
  }

  harness::TemporaryDirectory directory_;
  std::unique_ptr<StaffedServer> service_;
};

TEST_F(BreachedPasswordsTest, AreRefusedFromTheStartAndTheListIsReplacedByASignal) {
  ASSERT_EQ(Index("walrus-lantern-breached\nanother-breached-one\n"), 0);
  EXPECT_THAT(
      harness::ReadFile(directory_ / "index.log"),
      AllOf(HasSubstr("2 passwords of 2 lines of passwords as they are"), HasSubstr("1 of 65536")));
  service_ = std::make_unique<StaffedServer>(StaffedServer::Options{
      .hashing = Hashing::kCheap, .flags = {"--breached_passwords=" + Filter()}});
  const Person asha = service_->CreatePerson("asha.patel");
  EXPECT_EQ(ReasonOfChangingTo(asha, "walrus-lantern-breached"), "PASSWORD_COMMON");

  directory_.Write("breached.filter.new", "no filter");
  std::filesystem::rename(directory_ / "breached.filter.new", Filter());
  service_->server().Reload();
  EXPECT_TRUE(WaitUntilLogged("breached_passwords_file_is_bad"));
  EXPECT_EQ(ReasonOfChangingTo(asha, "walrus-lantern-breached"), "PASSWORD_COMMON");

  ASSERT_EQ(Index("walrus-lantern-since-then\n"), 0);
  service_->server().Reload();
  EXPECT_TRUE(WaitUntilLogged("breached_passwords_loaded"));
  EXPECT_EQ(ReasonOfChangingTo(asha, "walrus-lantern-since-then"), "PASSWORD_COMMON");
  EXPECT_EQ(ReasonOfChangingTo(asha, "walrus-lantern-breached"), "");
}

TEST_F(BreachedPasswordsTest, AListThatCannotBeIndexedLeavesWhatIsThere) {
  ASSERT_EQ(Index("walrus-lantern-breached\n"), 0);
  const std::string before = harness::ReadFile(Filter());
  EXPECT_EQ(Index(""), 1);
  EXPECT_EQ(Index("A9993E364706816ABA3E25717850C26C9CD0D89D:3\ncanary\n"), 1);
  EXPECT_THAT(harness::ReadFile(directory_ / "index.log"),
              AllOf(HasSubstr("line 2 "), Not(HasSubstr("canary"))));
  EXPECT_EQ(harness::ReadFile(Filter()), before);
}

TEST_F(BreachedPasswordsTest, ADirectoryIsNoList) {
  ASSERT_EQ(Index("walrus-lantern-breached\n"), 0);
  const std::string before = harness::ReadFile(Filter());
  EXPECT_EQ(IndexFile(directory_.path().string()), 1);
  EXPECT_THAT(harness::ReadFile(directory_ / "index.log"), HasSubstr("is a directory"));
  EXPECT_EQ(harness::ReadFile(Filter()), before);
}

}  // namespace
}  // namespace gatehouse::e2e
