// What is done to a server that does not run, and what the system's own log tells of it afterwards.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Audits = v1::AuditService::Stub;

class OfflineTest : public ::testing::Test {
 protected:
  struct Told {
    int exit_code;
    std::string text;
  };

  // Stops the server for it.
  Told Run(std::vector<std::string> words) {
    EXPECT_EQ(service_.server().Terminate(), 0);
    const harness::TemporaryDirectory directory;
    words.insert(words.begin(), harness::BinaryPath("gatehouse-server"));
    words.push_back(absl::StrCat("--database=", service_.server().database()));
    words.push_back("--policy=" GATEHOUSE_SOURCE_DIR "/policy/rules/nhsmail.textproto");
    harness::ChildProcess command({.arguments = std::move(words), .log = directory / "log"});
    const int exit_code = command.Wait();
    Told told{.exit_code = exit_code, .text = command.LogText()};
    service_.Restart();
    return told;
  }

  // The newest event of a log, as somebody with a session may read it.
  static v1::AuditEvent NewestEvent(const Actor& reader, const std::string& organisation_id) {
    v1::ListAuditEventsRequest request;
    request.set_organisation_id(organisation_id);
    request.set_page_size(1);
    const auto page = reader.Call(&Audits::ListAuditEvents, request);
    EXPECT_TRUE(page.ok()) << page;
    return page->events_size() == 1 ? page->events(0) : v1::AuditEvent();
  }

  StaffedServer service_{{.hashing = Hashing::kCheap}};
};

// Another operator, who has not signed in yet.
struct SecondOperator {
  SecondOperator(StaffedServer& service, const std::string& username) {
    EXPECT_EQ(service.server().Terminate(), 0);
    const auto made = service.server().Bootstrap("National Service", username);
    service.Restart();
    person = {.account_id = made.account_id, .username = made.username};
    organisation_id = made.organisation_id;
    temporary_password = made.temporary_password;
  }

  // Until nothing is left to do.
  void Settle(StaffedServer& service) {
    token = service.Settle(person, temporary_password).token();
  }

  Person person;
  std::string organisation_id;
  std::string temporary_password;
  std::string token;
};

TEST_F(OfflineTest, AfterARestoreEverySessionIsOverAndTheLogTells) {
  const Person asha = service_.CreatePerson("asha.patel");
  Actor before = service_.NewActor();
  ASSERT_TRUE(before.SignIn(asha.username, asha.password).ok());
  SecondOperator second(service_, "op.second");
  second.Settle(service_);
  ASSERT_TRUE(service_.Holder(before.token()).Validate().ok()) << "a restart ends none";

  const Told told = Run({"after-restore"});
  EXPECT_EQ(told.exit_code, 0) << told.text;
  for (const std::string& token :
       {before.token(), second.token, service_.administrator().token()}) {
    EXPECT_EQ(service_.Holder(token).Validate().reason(), "SESSION_INVALID");
  }
  const Actor after = service_.SignIn(second.person);
  const v1::AuditEvent event = NewestEvent(after, "");
  EXPECT_EQ(event.caller(), "after-restore");
  EXPECT_EQ(event.action(), v1::ACTION_REVOKE_EVERYTHING);
  EXPECT_EQ(event.outcome(), v1::AUDIT_OUTCOME_SUCCEEDED);
  EXPECT_EQ(event.organisation_id(), "") << "the system's own log";
  EXPECT_THAT(event.details().at("incarnation"), testing::Not(IsEmpty()));
}

TEST_F(OfflineTest, AnOperatorIsRemovedAndTheLastOneStays) {
  SecondOperator second(service_, "op.second");
  second.Settle(service_);
  const Told last_but_one = Run({"operators", "remove", "--username=Op.Second"});
  EXPECT_EQ(last_but_one.exit_code, 0) << last_but_one.text;

  const auto own = service_.Holder(second.token).Own();
  ASSERT_TRUE(own.ok()) << own;
  EXPECT_THAT(own->account().roles(), IsEmpty());
  const auto listed = service_.Holder(second.token).Call(&Audits::ListAuditEvents, {});
  EXPECT_EQ(listed.reason(), "NOT_PERMITTED") << "for the very next call";
  const v1::AuditEvent event = NewestEvent(service_.national_operator(), second.organisation_id);
  EXPECT_EQ(event.caller(), "operators-remove");
  EXPECT_EQ(event.action(), v1::ACTION_WITHDRAW_ROLE);
  EXPECT_EQ(event.target_account_id(), second.person.account_id);
  EXPECT_EQ(event.details().at("role"), "OPERATOR");

  for (const auto& [username, says] : std::vector<std::pair<std::string, std::string>>{
           {"op.root", "op.root is the last OPERATOR who can sign in"},
           {"op.second", "op.second is no OPERATOR"},
           {"no.body", "nobody has the username no.body"}}) {
    const Told refused = Run({"operators", "remove", absl::StrCat("--username=", username)});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.text, HasSubstr(says));
  }
  EXPECT_TRUE(service_.national_operator().Call(&Audits::ListAuditEvents, {}).ok());
  const Told misused = Run({"operators", "remove"});
  EXPECT_EQ(misused.exit_code, 2);
  EXPECT_THAT(misused.text, HasSubstr("needs --username"));
}

TEST_F(OfflineTest, AnOperatorWhoNeverSignedInDoesNotTakeThePlaceOfTheLastOneWhoDid) {
  SecondOperator second(service_, "op.second");
  const Told too_early = Run({"operators", "remove", "--username=op.root"});
  EXPECT_EQ(too_early.exit_code, 1);
  EXPECT_THAT(too_early.text, HasSubstr("op.root is the last OPERATOR who can sign in"));
  EXPECT_THAT(too_early.text, HasSubstr("Let another one sign in"));
  EXPECT_TRUE(service_.national_operator().Call(&Audits::ListAuditEvents, {}).ok());

  second.Settle(service_);
  const Told in_time = Run({"operators", "remove", "--username=op.root"});
  EXPECT_EQ(in_time.exit_code, 0) << in_time.text;
  EXPECT_EQ(service_.national_operator().Call(&Audits::ListAuditEvents, {}).reason(),
            "NOT_PERMITTED");
  EXPECT_TRUE(service_.Holder(second.token).Call(&Audits::ListAuditEvents, {}).ok());
}

}  // namespace
}  // namespace gatehouse::e2e
