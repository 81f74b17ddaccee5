// The whole life of an account at a terminal, through the real binaries: from its creation through
// roles, closing and opening, leaving and joining, to what time makes of it. Months pass in the
// database, while the server is stopped. Only its start sweeps, and only what is due for a day.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "clients/cli/credentials_file.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/database.h"
#include "tests/e2e/staffed_server.h"
#include "tests/e2e/terminal_session.h"
#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Exit codes of gatehousectl.
constexpr int kNotSignedIn = 3;
constexpr int kRefused = 4;
constexpr int kNotPermitted = 5;
constexpr int kConflict = 7;

class LifeCycleStoryTest : public ::testing::Test {
 protected:
  struct Said {
    int exit_code;
    std::string text;
  };

  // gatehousectl, by whoever has the token.
  std::vector<std::string> Command(const std::string& token,
                                   const std::vector<std::string>& words) {
    const std::string file = (directory_ / "credentials").string();
    EXPECT_TRUE(cli::CredentialsFile(file).Keep(service_.server().address(), token).ok());
    std::vector<std::string> command = {harness::BinaryPath("gatehousectl"), "--server",
                                        service_.server().address(), "--credentials", file};
    command.insert(command.end(), words.begin(), words.end());
    return command;
  }

  Said Run(const std::string& token, const std::vector<std::string>& words) {
    const harness::TemporaryDirectory directory;
    harness::ChildProcess command(
        {.arguments = Command(token, words), .log = directory / "output"});
    const int exit_code = command.Wait();
    return {exit_code, command.LogText()};
  }

  // What a successful run said.
  std::string Do(const std::string& token, const std::vector<std::string>& words) {
    const Said said = Run(token, words);
    EXPECT_EQ(said.exit_code, 0) << said.text;
    return said.text;
  }

  nlohmann::json Json(const std::string& token, std::vector<std::string> words) {
    words.push_back("--json");
    return nlohmann::json::parse(Do(token, words), nullptr, /*allow_exceptions=*/false);
  }

  // Created by a command, with nothing left to do.
  Actor Create(const std::string& token, Person& person, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"account", "create",        person.username, "--given-name",
                                      "Robin",   "--family-name", "Example"};
    words.insert(words.end(), more.begin(), more.end());
    const nlohmann::json created = Json(token, words);
    person.account_id = created["account"]["account_id"];
    return service_.Settle(person, created["temporary_password"]);
  }

  std::string SignIn(const Person& person) {
    Actor actor = service_.NewActor();
    const auto answer = actor.SignIn(person.username, person.password);
    return answer.ok() ? "OK" : answer.reason();
  }

  std::string Timeline(const std::string& token) {
    return Do(token, {"account", "timeline", "asha.patel"});
  }

  // What the sweeps have written down, the latest first.
  std::vector<std::string> Swept(const Person& person) {
    v1::ListAuditEventsRequest request;
    request.set_target_account_id(person.account_id);
    std::vector<std::string> statuses;
    for (const v1::AuditEvent& event : service_.AuditEvents(request)) {
      if (event.caller() == "hygiene") statuses.push_back(event.details().at("status"));
    }
    return statuses;
  }

  // So long nobody does anything.
  void LetPass(const Person& person, absl::Duration time) {
    ASSERT_EQ(service_.server().Terminate(), 0);
    const std::int64_t micros = absl::ToInt64Microseconds(time);
    for (const char* column : {"status_changed_at", "last_used_at", "joined_at", "created_at"}) {
      Execute(service_.server().database(),
              absl::StrCat("UPDATE accounts SET ", column, " = ", column, " - ", micros,
                           " WHERE id = '", person.account_id, "'"));
    }
    service_.Restart();
  }

  harness::TemporaryDirectory directory_;
  StaffedServer service_{{.hashing = Hashing::kCheap, .flags = {"--tidy_interval=1h"}}};
  const std::string operator_ = service_.national_operator().token();
  const std::string riverside_ = service_.administrator().token();
};

TEST_F(LifeCycleStoryTest, RolesAndClosingAndOpeningHoldForTheVeryNextCall) {
  Person asha{.username = "asha.patel"};
  const std::string session = Create(riverside_, asha).token();

  EXPECT_THAT(Do(operator_, {"account", "grant-role", "asha.patel", "local-helpdesk"}),
              AllOf(HasSubstr("Granted local-helpdesk: Robin Example (asha.patel)"),
                    HasSubstr("holds for the very next call")));
  EXPECT_THAT(Do(session, {"account", "list"}), HasSubstr("la.riverside"));
  Do(operator_, {"account", "withdraw-role", "asha.patel", "local-helpdesk"});
  EXPECT_EQ(Run(session, {"account", "list"}).exit_code, kNotPermitted);

  EXPECT_THAT(Do(riverside_, {"account", "disable", "asha.patel", "--reason", "on leave"}),
              HasSubstr("Disabled: Robin Example (asha.patel)"));
  EXPECT_EQ(Run(session, {"account", "show"}).exit_code, kNotSignedIn);
  EXPECT_EQ(SignIn(asha), "ACCOUNT_DISABLED");
  Do(riverside_, {"account", "enable", "asha.patel", "--reason", "is back"});
  EXPECT_EQ(SignIn(asha), "OK");

  Do(riverside_, {"account", "delete", "asha.patel", "--reason", "left us"});
  EXPECT_EQ(SignIn(asha), "ACCOUNT_DELETED");
  const Said again = Run(riverside_, {"account", "delete", "asha.patel", "--reason", "left us"});
  EXPECT_EQ(again.exit_code, kRefused);
  EXPECT_THAT(again.text, HasSubstr("gatehousectl account restore asha.patel"));
  Do(riverside_, {"account", "restore", "asha.patel", "--reason", "a mistake"});
  EXPECT_EQ(SignIn(asha), "OK");

  EXPECT_THAT(Timeline(riverside_),
              ContainsRegex("role granted by op.root, local helpdesk(.|\n)*"
                            "role withdrawn by op.root, local helpdesk(.|\n)*"
                            "disabled by la.riverside(.|\n)*"
                            "sign-in refused: account disabled(.|\n)*"
                            "enabled by la.riverside(.|\n)*signed in(.|\n)*"
                            "deleted by la.riverside(.|\n)*"
                            "sign-in refused: account deleted(.|\n)*"
                            "delete account refused to la.riverside: ACCOUNT_DELETED(.|\n)*"
                            "restored by la.riverside(.|\n)*signed in(.|\n)*"
                            "Now ACTIVE: the right password gives a session"));
}

TEST_F(LifeCycleStoryTest, ASecretThatIsSetInOnesOwnTimeIsToldToBeSet) {
  Person asha{.username = "asha.patel"};
  const std::string session = Create(riverside_, asha).token();
  TerminalSession set(Command(session, {"account", "set-secret"}));
  set.Answer("Password: ", asha.password);
  set.Answer("New account secret (letters only, 9 or more): ", "marmalade");
  set.Answer("Once more: ", "marmalade");
  set.Expect("Account secret set");
  EXPECT_EQ(set.Wait(), 0) << set.screen();
  EXPECT_THAT(set.screen(), Not(HasSubstr("marmalade")));
}

TEST_F(LifeCycleStoryTest, ALeaverIsJoinedAndWaitsADayToResetTheirOwnPassword) {
  Do(operator_, {"organisation", "create", "Hilltop Surgery"});
  Person administrator{.username = "la.hilltop"};
  const std::string hilltop =
      Create(operator_, administrator, {"--organisation", "Hilltop Surgery"}).token();
  Do(operator_, {"account", "grant-role", "la.hilltop", "local-admin"});
  Person asha{.username = "asha.patel"};
  Create(riverside_, asha);
  EXPECT_EQ(Run(hilltop, {"account", "show", "asha.patel"}).exit_code, kNotPermitted);

  Do(riverside_, {"account", "mark-leaver", "asha.patel", "--reason", "moves to Hilltop"});
  EXPECT_THAT(Do(hilltop, {"account", "show", "asha.patel"}), HasSubstr("leaver"));
  EXPECT_EQ(SignIn(asha), "OK") << "until they are joined, too";
  EXPECT_THAT(Do(hilltop, {"account", "join", "asha.patel", "--attest", "document", "--reason",
                           "works here now"}),
              AllOf(HasSubstr("Joined Hilltop Surgery: Robin Example (asha.patel)"),
                    HasSubstr("the person can reset their own password; until then, you can")));
  EXPECT_EQ(Run(riverside_, {"account", "show", "asha.patel"}).exit_code, kNotPermitted);
  EXPECT_THAT(Timeline(hilltop), HasSubstr("joined the organisation by la.hilltop, document"));

  Actor actor = service_.NewActor();
  ASSERT_TRUE(actor.SignIn(asha.username, asha.password).ok());
  StaffedServer::RegisterApp(actor, asha);
  TerminalSession recover(Command(actor.token(), {"recover", "asha.patel"}));
  recover.Expect("Code (authenticator app): ");
  recover.Type(
      actor.app()->CodeAt(absl::Now() + absl::Seconds(30)));  // the first one has been used
  recover.Expect("ORGANISATION_HOLD");
  recover.Expect("Possible from ");
  const std::string joined = Json(hilltop, {"account", "show", "asha.patel"})["joined_time"];
  absl::Time joined_at;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, joined, &joined_at, nullptr)) << joined;
  recover.Expect(absl::FormatTime("%b %H:%M", joined_at + absl::Hours(24), absl::LocalTimeZone()));
  EXPECT_EQ(recover.Wait(), kRefused) << recover.screen();
}

TEST_F(LifeCycleStoryTest, WhatTimeMakesOfAnAccountIsTrueWithoutASweepAndDoneByOne) {
  constexpr absl::Duration kMonth = absl::Hours(720);
  Person asha{.username = "asha.patel"};
  Create(riverside_, asha);

  LetPass(asha, kMonth);
  EXPECT_THAT(Do(riverside_, {"account", "show", "asha.patel"}), HasSubstr("inactive"));
  EXPECT_THAT(Timeline(riverside_), HasSubstr("fell inactive, not having been used"));
  EXPECT_THAT(Swept(asha), IsEmpty());
  EXPECT_EQ(SignIn(asha), "OK");
  EXPECT_THAT(Do(riverside_, {"account", "show", "asha.patel"}), HasSubstr("state         active"))
      << "who comes back is back";

  LetPass(asha, 2 * kMonth);
  EXPECT_EQ(SignIn(asha), "ACCOUNT_DELETED");
  EXPECT_THAT(Timeline(riverside_), AllOf(HasSubstr("deleted by the passing of time"),
                                          HasSubstr("gatehousectl account restore asha.patel")));

  LetPass(asha, kMonth);
  EXPECT_EQ(SignIn(asha), "INVALID_CREDENTIALS") << "as of a name that nobody has";
  EXPECT_EQ(Run(riverside_, {"account", "show", "asha.patel"}).exit_code, kNotPermitted);
  const Said taken = Run(riverside_, {"account", "create", "asha.patel", "--given-name", "Asha",
                                      "--family-name", "Patel"});
  EXPECT_EQ(taken.exit_code, kConflict) << taken.text;
  EXPECT_THAT(taken.text, HasSubstr("USERNAME_TAKEN"));
  EXPECT_THAT(Swept(asha), Not(Contains("PURGED")));

  LetPass(asha, absl::Hours(48));  // longer than a clock may have been ahead
  EXPECT_TRUE(harness::WaitUntil([&] { return Swept(asha).size() == 3; }));
  EXPECT_THAT(Swept(asha), ElementsAre("PURGED", "DELETED", "INACTIVE"));
}

}  // namespace
}  // namespace gatehouse::e2e
