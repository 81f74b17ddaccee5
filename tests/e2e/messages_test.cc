// Messages on their way out of the real server: to a mail relay and to a directory, with faults on
// both sides.

#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "nlohmann/json.hpp"
#include "tests/e2e/raw_connection.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/message_peer.h"
#include "tests/harness/ports.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using harness::MessagePeer;
using ::testing::HasSubstr;
using ::testing::Not;

using Accounts = v1::AccountService::Stub;

class MessagesTest : public ::testing::Test {
 protected:
  MessagesTest() {
    person_ = service_.CreatePerson("asha.patel");
    // The operator has no address before the first sign-in is complete, and cannot be written to of
    // the password and the secret.
    EXPECT_TRUE(harness::WaitUntil([&] { return Metric("dead") == 2; }));
    // Created, a new password and a secret, both; the administrator's role; second factors of two.
    EXPECT_TRUE(harness::WaitUntil([&] { return relay_.Received().size() == 9; }));
  }

  void Resecure() {
    const auto resecured = service_.administrator().Call(
        &Accounts::ResecureAccount,
        Attested<v1::ResecureAccountRequest>(person_.account_id, "looked over the shoulder"));
    ASSERT_TRUE(resecured.ok()) << resecured;
    temporary_password_ = resecured->temporary_password();
  }

  // The gauge of notifications, or -1.
  double Metric(const std::string& name) {
    const std::string page = MetricsPage(service_.server().metrics_address());
    const std::string line = absl::StrCat("\ngatehouse_outbox_notifications_", name, " ");
    const size_t at = page.find(line);
    return at == std::string::npos ? -1 : std::stod(page.substr(at + line.size()));
  }

  // The mails that tell of a resecure.
  std::vector<std::string> Mails() {
    std::vector<std::string> mails;
    for (const std::string& mail : relay_.Received()) {
      if (absl::StrContains(mail, "Subject: Your account has been secured")) mails.push_back(mail);
    }
    return mails;
  }

  bool AwaitMails(size_t count) {
    return harness::WaitUntil([&] { return Mails().size() >= count; });
  }

  bool AwaitLog(const std::string& event) {
    return harness::WaitUntil(
        [&] { return absl::StrContains(service_.server().LogText(), event); });
  }

  std::string Outbox(const std::string& command) {
    const harness::TemporaryDirectory directory;
    harness::ChildProcess outbox(
        {.arguments = {harness::BinaryPath("gatehouse-server"), "outbox", command,
                       absl::StrCat("--database=", service_.server().database())},
         .log = directory / "log"});
    EXPECT_EQ(outbox.Wait(), 0) << outbox.LogText();
    return outbox.LogText();
  }

  MessagePeer relay_{{.kind = MessagePeer::Kind::kSmtp}};
  StaffedServer service_{
      {.hashing = Hashing::kCheap,
       .flags = {absl::StrCat("--notification_gateway=smtp://127.0.0.1:", relay_.port()),
                 "--notification_sender=no-reply@portal.example",
                 "--templates=" GATEHOUSE_SOURCE_DIR "/deploy/templates"}}};
  Person person_;
  std::string temporary_password_;
};

TEST_F(MessagesTest, AChangedAddressIsToldToTheOneKnownBefore) {
  v1::UpdateProfileRequest update;
  update.set_account_id(person_.account_id);
  update.mutable_profile()->set_contact_email("thief@example.net");
  update.mutable_update_mask()->add_paths("contact_email");
  const auto updated = service_.administrator().Call(&Accounts::UpdateProfile, update);
  ASSERT_TRUE(updated.ok()) << updated;
  ASSERT_TRUE(harness::WaitUntil([&] {
    return absl::StrContains(relay_.Received().back(), "Subject: Your profile has been changed");
  }));
  EXPECT_THAT(relay_.Received().back(), Not(HasSubstr("thief@example.net")));
}

TEST_F(MessagesTest, ARelayThatIsDownLosesAndBlocksNothingAndIsSeen) {
  relay_.Kill9();
  Resecure();
  EXPECT_TRUE(AwaitLog("outbox_delivery_failing"));
  EXPECT_TRUE(harness::WaitUntil([&] { return Metric("failing") >= 1; }));
  service_.Settle(person_, temporary_password_);
  relay_.Start();
  EXPECT_TRUE(AwaitMails(1));
  EXPECT_TRUE(harness::WaitUntil([&] { return Metric("waiting") == 0; }));
  EXPECT_TRUE(AwaitLog("outbox_delivery_recovered"));
}

TEST_F(MessagesTest, AServerKilledInTheMiddleOfAMailSendsItAgain) {
  relay_.Behave("keep-and-hang");
  Resecure();
  ASSERT_TRUE(AwaitMails(1));
  service_.server().Kill9();
  relay_.Behave("");
  service_.Restart();
  ASSERT_TRUE(AwaitMails(2));
  EXPECT_EQ(Mails()[0], Mails()[1]) << "with the same Message-ID";
}

TEST_F(MessagesTest, WhatTheRelayRefusesIsDeadUntilAnOperatorRevivesIt) {
  relay_.Behave("550");
  Resecure();
  EXPECT_TRUE(harness::WaitUntil([&] { return Metric("dead") == 3; }));
  ASSERT_EQ(service_.server().Terminate(), 0);
  const std::string listed = Outbox("list");
  EXPECT_THAT(listed, HasSubstr("\"kind\": \"ACCOUNT_RESECURED\""));
  EXPECT_THAT(listed, HasSubstr("550"));
  EXPECT_THAT(listed, Not(HasSubstr("@"))) << "nobody's address";
  for (const absl::string_view line : absl::StrSplit(listed, '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
  EXPECT_THAT(Outbox("retry"), HasSubstr("will be tried again"));
  relay_.Behave("");
  service_.Restart();
  EXPECT_TRUE(AwaitMails(1));
  const auto log = service_.national_operator().Call(&v1::AuditService::Stub::ListAuditEvents, {});
  ASSERT_TRUE(log.ok() && log->events_size() > 0) << log;
  EXPECT_EQ(log->events(0).organisation_id(), "") << "the system's own log";
  EXPECT_EQ(log->events(0).caller(), "outbox-retry");
  EXPECT_EQ(log->events(0).details().at("messages"), "3");
}

// What the sample of a directory keeps: status by username.
std::map<std::string, std::string> StatusesIn(const std::string& file) {
  std::map<std::string, std::string> statuses;
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  sqlite3_exec(
      database, "SELECT username, status || ' ' || has_password FROM accounts",
      [](void* found, int, char** values, char**) {
        (*static_cast<std::map<std::string, std::string>*>(found))[values[0]] = values[1];
        return 0;
      },
      &statuses, nullptr);
  sqlite3_close(database);
  return statuses;
}

TEST(DirectoryTest, TheSampleFollowsBySpool) {
  StaffedServer service({.hashing = Hashing::kCheap});
  const Person person = service.CreatePerson("asha.patel");
  auto resecure = Attested<v1::ResecureAccountRequest>(person.account_id, "stolen");
  resecure.set_defer_temporary_password(true);
  ASSERT_TRUE(service.administrator().Call(&Accounts::ResecureAccount, resecure).ok());

  const harness::TemporaryDirectory directory;
  const std::string accounts = (directory / "accounts.db").string();
  const auto follow = [&] {
    harness::ChildProcess sample(
        {.arguments = {"/usr/bin/python3", GATEHOUSE_SOURCE_DIR "/clients/directory/follow.py",
                       "--directory=" + accounts,
                       absl::StrCat("--spool=", (service.server().spool() / "directory").string())},
         .log = directory / "log"});
    EXPECT_EQ(sample.Wait(), 0) << sample.LogText();
    return StatusesIn(accounts);
  };
  EXPECT_TRUE(harness::WaitUntil([&] { return follow()["asha.patel"] == "ACTIVE 0"; }))
      << "the password is void";
  // In order for each person, and for no two of them.
  EXPECT_TRUE(harness::WaitUntil([&] { return follow()["la.riverside"] == "ACTIVE 1"; }));
  EXPECT_TRUE(harness::WaitUntil([&] {
    follow();
    return std::filesystem::is_empty(service.server().spool() / "directory");
  }));
}

TEST(DirectoryTest, TheSampleFollowsByHttp) {
  const harness::TemporaryDirectory directory;
  const std::string accounts = (directory / "accounts.db").string();
  const std::string token = directory.Write("token", "t0ken-of-the-directory\n").string();
  std::filesystem::permissions(token, std::filesystem::perms(0600));
  const int port = harness::FreePort();
  StaffedServer service(
      {.hashing = Hashing::kCheap,
       .flags = {absl::StrCat("--directory_gateway=http://127.0.0.1:", port, "/accounts"),
                 absl::StrCat("--directory_credentials_file=", token)}});
  service.CreatePerson("asha.patel");  // while nobody listens yet
  harness::ChildProcess sample(
      {.arguments = {"/usr/bin/python3", GATEHOUSE_SOURCE_DIR "/clients/directory/follow.py",
                     "--directory=" + accounts, absl::StrCat("--listen=", port),
                     "--token_file=" + token},
       .log = directory / "log"});
  EXPECT_TRUE(harness::WaitUntil([&] {
    return std::filesystem::exists(accounts) && StatusesIn(accounts)["asha.patel"] == "ACTIVE 1";
  })) << sample.LogText();
}

}  // namespace
}  // namespace gatehouse::e2e
