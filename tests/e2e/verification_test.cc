// Recognising a caller over the wire, with the real server, its database, and the power cut between
// any two steps (quality/invariants.md, 9).

#include <sqlite3.h>

#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::HasSubstr;
using Accounts = v1::AccountService::Stub;
using Started = v1::StartIdentityVerificationResponse;

constexpr char kSecret[] = "periwinkleandthistle";  // without a Z

class VerificationTest : public ::testing::Test {
 protected:
  Person CreateCaller(const std::string& username) {
    Person person = service_.CreatePerson(username);
    Actor actor = service_.NewActor();
    EXPECT_TRUE(actor.SignIn(person.username, person.password).ok());
    v1::SetAccountSecretRequest secret;
    secret.set_password(person.password);
    secret.set_account_secret(kSecret);
    const auto set = actor.Call(&Accounts::SetAccountSecret, secret);
    EXPECT_TRUE(set.ok()) << set;
    return person;
  }

  Answer<Started> Start(const Person& person) {
    v1::StartIdentityVerificationRequest request;
    request.set_account_id(person.account_id);
    return service_.administrator().Call(&Accounts::StartIdentityVerification, request);
  }

  // "SUCCESS", "FAILED", "CLOSED", or the reason of a refusal.
  std::string Say(const Started& started, bool rightly) {
    v1::AnswerIdentityVerificationRequest request;
    request.set_verification_id(started.verification_id());
    for (const int place : started.positions()) {
      request.add_letters(rightly ? std::string(1, kSecret[place - 1]) : "z");
    }
    const auto answer =
        service_.administrator().Call(&Accounts::AnswerIdentityVerification, request);
    if (!answer.ok()) return answer.reason();
    return v1::VerificationOutcome_Name(answer->outcome()).substr(21);
  }

  void CutThePower() {
    service_.server().Kill9();
    service_.Restart();
  }

  // On the database's file, while nobody serves it.
  void Sql(const std::string& statement) {
    const std::string path = service_.server().database().substr(std::string("sqlite:").size());
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  // gatehouse-server, run to its end; its exit code. What it said is in log().
  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), harness::BinaryPath("gatehouse-server"));
    words.push_back("--database=" + service_.server().database());
    words.push_back("--keyring=" + service_.server().keyring());
    return harness::ChildProcess({.arguments = words, .log = directory_ / "log"}).Wait();
  }
  std::string log() const { return harness::ReadFile(directory_ / "log"); }

  harness::TemporaryDirectory directory_;
  StaffedServer service_{{.hashing = Hashing::kCheap}};
};

TEST_F(VerificationTest, CountsAndPlacesSurviveThePowerCutBetweenAnyTwoSteps) {
  const Person asha = CreateCaller("asha.patel");
  std::set<std::vector<int>> asked;
  for (int failure = 1; failure <= 3; ++failure) {
    const auto started = Start(asha);
    ASSERT_TRUE(started.ok()) << started;
    asked.insert({started->positions().begin(), started->positions().end()});
    CutThePower();
    EXPECT_EQ(Say(started.response, false), "FAILED");
    CutThePower();
  }
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(Start(asha).reason(), "VERIFICATION_CLOSED") << "a failure was lost";
  std::cout << "3 failures, 6 kills: " << asked.size() << " set of positions, 0 failures lost\n";
}

TEST_F(VerificationTest, AGrantIsUsedOnceAcrossThePowerCut) {
  const Person asha = CreateCaller("asha.patel");
  const auto started = Start(asha);
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_EQ(Say(started.response, true), "SUCCESS");
  CutThePower();
  v1::ResetPasswordRequest reset;
  reset.set_account_id(asha.account_id);
  reset.set_reason("called the desk");
  reset.mutable_identity_check()->set_verification_id(started->verification_id());
  const auto first = service_.administrator().Call(&Accounts::ResetPassword, reset);
  EXPECT_TRUE(first.ok()) << first;
  CutThePower();
  EXPECT_EQ(service_.administrator().Call(&Accounts::ResetPassword, reset).reason(),
            "VERIFICATION_INVALID");
}

TEST_F(VerificationTest, ASecretMovedToAnotherRowIsNeverRead) {
  const Person asha = CreateCaller("asha.patel");
  const Person sam = CreateCaller("sam.osei");
  service_.server().Kill9();
  Sql(absl::StrCat(
      "UPDATE accounts SET secret_ciphertext = (SELECT secret_ciphertext FROM accounts "
      "WHERE id = '",
      sam.account_id, "') WHERE id = '", asha.account_id, "'"));
  service_.Restart();
  EXPECT_EQ(Start(asha).reason(), "INTERNAL");
  v1::ListAuditEventsRequest events;
  events.set_target_account_id(asha.account_id);
  EXPECT_EQ(service_.AuditEvents(events)[0].details().at("fault"), "sealed_value_altered");
  EXPECT_TRUE(Start(sam).ok());
}

TEST_F(VerificationTest, KeysChangeWhilePeopleAreRecognised) {
  const Person asha = CreateCaller("asha.patel");
  service_.server().Terminate();
  ASSERT_EQ(Run({"keys", "list"}), 0) << log();
  const size_t id = log().find("\"key_id\": \"") + 11;
  const std::string former = log().substr(id, 12);
  EXPECT_EQ(Run({"keys", "retire", "--key_id=" + former}), 1);
  EXPECT_THAT(log(), HasSubstr("is active"));
  ASSERT_EQ(Run({"keys", "rotate"}), 0) << log();
  EXPECT_EQ(Run({"keys", "retire", "--key_id=" + former}), 1);
  EXPECT_THAT(log(), HasSubstr("sealed values are under it"));

  service_.Restart();
  const auto started = Start(asha);
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_EQ(Say(started.response, true), "SUCCESS");
  EXPECT_TRUE(harness::WaitUntil(
      [&] { return service_.server().LogText().find("resealed") != std::string::npos; }));
  service_.server().Terminate();
  EXPECT_EQ(Run({"keys", "retire", "--key_id=" + former}), 0) << log();
  service_.Restart();
  EXPECT_EQ(Say(Start(asha).response, true), "SUCCESS");
}

}  // namespace
}  // namespace gatehouse::e2e
