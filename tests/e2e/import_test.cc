// Imports through the real binaries: gatehousectl's import and export, kill -9 on either side, and
// people who sign in by hashes from elsewhere.

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "clients/cli/credentials_file.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Accounts = v1::AccountService::Stub;

// Of the password "correct horse".
constexpr char kBcrypt[] = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
constexpr char kPassword[] = "correct horse";

std::string LineOf(const std::string& username, const std::string& hash = kBcrypt) {
  nlohmann::json line = {{"username", username},
                         {"profile",
                          {{"given_name", "Sam"},
                           {"family_name", "Osei"},
                           {"display_name", "Sam Osei"},
                           {"contact_email", absl::StrCat(username, "@example.org")}}}};
  if (!hash.empty()) line["password_hash"] = hash;
  return line.dump() + "\n";
}

class ImportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cli::CredentialsFile credentials(directory_ / "credentials");
    ASSERT_EQ(credentials.Keep(service_.server().address(), service_.national_operator().token()),
              absl::OkStatus());
  }

  std::string WritePeople(int count) {
    std::string lines;
    for (int i = 1; i <= count; ++i) absl::StrAppend(&lines, LineOf(absl::StrCat("person.", i)));
    return directory_.Write("people.jsonl", lines).string();
  }

  harness::ChildProcess Start(const std::vector<std::string>& words) {
    std::vector<std::string> arguments = {"sh",
                                          "-c",
                                          "exec \"$@\" >\"$0/output\" 2>\"$0/errors\"",
                                          directory_.path().string(),
                                          harness::BinaryPath("gatehousectl"),
                                          "--server",
                                          service_.server().address(),
                                          "--credentials",
                                          (directory_ / "credentials").string()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return harness::ChildProcess({.arguments = arguments, .log = directory_ / "log"});
  }
  int Run(const std::vector<std::string>& words) { return Start(words).Wait(absl::Minutes(5)); }
  // As it would be pasted into a shell.
  int RunText(const std::string& command) {
    const std::string text = absl::StrCat(
        "PATH='", std::filesystem::path(harness::BinaryPath("gatehousectl")).parent_path().string(),
        "':$PATH\nexec >\"$0/output\" 2>\"$0/errors\"\n", command);
    return harness::ChildProcess({.arguments = {"sh", "-c", text, directory_.path().string()},
                                  .log = directory_ / "log"})
        .Wait(absl::Minutes(5));
  }
  std::string Output() const { return harness::ReadFile(directory_ / "output"); }
  std::string Errors() const { return harness::ReadFile(directory_ / "errors"); }
  std::vector<std::string> Import(const std::string& file) const {
    return {"import", file, "--organisation", "Riverside Trust"};
  }

  std::vector<nlohmann::json> Results() const {
    std::vector<nlohmann::json> results;
    const std::string text = harness::ReadFile(directory_ / "people.jsonl.results.jsonl");
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      results.push_back(nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false));
    }
    return results;
  }

  // How many accounts the organisation has of each username that begins as those of WritePeople.
  std::map<std::string, int> People() {
    std::map<std::string, int> people;
    v1::ListAccountsRequest request;
    request.set_organisation_id(service_.organisation_id());
    request.set_name_prefix("person.");
    request.set_page_size(1000);
    do {
      const auto page = service_.national_operator().Call(&Accounts::ListAccounts, request);
      EXPECT_TRUE(page.ok()) << page;
      for (const v1::Account& account : page->accounts()) ++people[account.username()];
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return people;
  }

  void ExpectAllOnce(int count) {
    const std::map<std::string, int> people = People();
    EXPECT_EQ(people.size(), static_cast<size_t>(count));
    for (const auto& [username, times] : people) EXPECT_EQ(times, 1) << username;
    std::set<int64_t> lines;
    for (const nlohmann::json& result : Results()) {
      EXPECT_TRUE(result.contains("account_id")) << result.dump();
      EXPECT_TRUE(lines.insert(result.value("line", 0)).second) << result.dump();
    }
    EXPECT_EQ(lines.size(), static_cast<size_t>(count));
  }

  harness::TemporaryDirectory directory_;
  StaffedServer service_{{.hashing = Hashing::kCheap}};
};

TEST_F(ImportTest, PeopleFromElsewhereSignInWithThePasswordTheyHad) {
  ASSERT_EQ(Run(Import(WritePeople(3))), 0) << Errors();
  EXPECT_THAT(Output(), HasSubstr("Imported 3 accounts into Riverside Trust."));
  ExpectAllOnce(3);
  Actor person = service_.NewActor();
  const auto wrong = person.SignIn("person.2", "correct horsf");
  EXPECT_EQ(wrong.reason(), "INVALID_CREDENTIALS");
  for (int i = 0; i < 2; ++i) {
    const auto signed_in = person.SignIn("person.2", kPassword);
    ASSERT_TRUE(signed_in.ok()) << signed_in;
    EXPECT_EQ(signed_in->session().level(), v1::SESSION_LEVEL_RESTRICTED);
  }
}

TEST_F(ImportTest, AServerThatIsKilledInTheMiddleIsWaitedForAndNothingIsMadeTwice) {
  constexpr int kPeople = 4000;
  harness::ChildProcess import = Start(Import(WritePeople(kPeople)));
  ASSERT_TRUE(harness::WaitUntil([&] { return Results().size() > 400; })) << Errors();
  service_.server().Kill9();
  ASSERT_TRUE(import.Running());
  service_.Restart();
  ASSERT_EQ(import.Wait(absl::Minutes(5)), 0) << Errors();
  ExpectAllOnce(kPeople);
}

TEST_F(ImportTest, AnImportThatIsKilledGoesOnWhenItsCommandIsGivenAgain) {
  constexpr int kPeople = 4000;
  const std::string file = WritePeople(kPeople);
  harness::ChildProcess first = Start(Import(file));
  ASSERT_TRUE(harness::WaitUntil([&] { return Results().size() > 400; })) << Errors();
  first.Kill9();
  // What was written last may be half a line: a power cut's trace.
  const size_t known = Results().size();
  ASSERT_EQ(Run(Import(file)), 0) << Errors();
  EXPECT_THAT(Output(), HasSubstr("were in already"));
  EXPECT_GE(Results().size(), known);
  const std::map<std::string, int> people = People();
  EXPECT_EQ(people.size(), static_cast<size_t>(kPeople));
  ASSERT_EQ(Run(Import(file)), 0) << Errors();
  EXPECT_THAT(Output(), AllOf(HasSubstr("Imported 0 accounts"), HasSubstr("4000 were in already")));
  EXPECT_EQ(People(), people);
}

TEST_F(ImportTest, EveryFaultyLineIsToldAndCanBeMendedWhereItIs) {
  const std::string lines =
      absl::StrCat(LineOf("person.1"), "\n", LineOf("-"), LineOf("person.2", "{MD5}canary"),
                   "{\"usrname\": \"person.3\"}\n", "no json\n",
                   "{\"username\": \"person.4\", \"item\": 7, \"profile\": \"canary\"}\n",
                   LineOf("person.5", ""), LineOf("PERSON.1"));
  const std::string file = directory_.Write("people.jsonl", lines).string();
  EXPECT_EQ(Run(Import(file)), 4) << Errors();
  const std::string told = Output();
  EXPECT_THAT(told,
              AllOf(HasSubstr("Imported 2 accounts"), HasSubstr("6 refused"), HasSubstr("line 3  "),
                    HasSubstr("line 4  person.2"), HasSubstr("PASSWORD_HASH_UNSUPPORTED"),
                    HasSubstr("'usrname'"), HasSubstr("is no JSON object"),
                    HasSubstr("USERNAME_TAKEN"), HasSubstr("--request-id ")));
  EXPECT_THAT(told, Not(HasSubstr("canary")));
  struct stat status;
  ASSERT_EQ(stat((file + ".results.jsonl").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U) << "it holds temporary passwords";
  std::string temporary;
  for (const nlohmann::json& result : Results()) {
    if (result.value("username", "") == "person.5") temporary = result["temporary_password"];
  }
  EXPECT_TRUE(service_.NewActor().SignIn("person.5", temporary).ok());

  const size_t begins = told.find("  gatehousectl ");
  ASSERT_NE(begins, std::string::npos) << told;
  const std::string command = told.substr(begins, told.find('\n', begins) - begins);
  directory_.Write("people.jsonl", absl::StrReplaceAll(lines, {{"\"-\"", "\"person.6\""},
                                                               {"{MD5}canary", kBcrypt},
                                                               {"PERSON.1", "person.7"}}));
  EXPECT_EQ(RunText(command), 4) << Errors();
  EXPECT_THAT(Output(), AllOf(HasSubstr("Imported 3 accounts"), HasSubstr("2 were in already"),
                              HasSubstr("3 refused"), HasSubstr("of 1 account were told")));
}

TEST_F(ImportTest, TheCommandThatIsToldGoesOnWhateverTheFilesAreCalled) {
  const std::string file = directory_.Write("the Trust's people.jsonl", LineOf("-")).string();
  std::vector<std::string> words = Import(file);
  words.insert(words.end(), {"--results", (directory_ / "what came; of it").string()});
  ASSERT_EQ(Run(words), 4) << Errors();
  const std::string told = Output();
  const size_t begins = told.find("  gatehousectl ");
  ASSERT_NE(begins, std::string::npos) << told;
  directory_.Write("the Trust's people.jsonl", LineOf("person.1"));
  ASSERT_EQ(RunText(told.substr(begins, told.find('\n', begins) - begins)), 0) << Errors();
  EXPECT_THAT(Output(), HasSubstr("Imported 1 account into Riverside Trust."));
  EXPECT_THAT(harness::ReadFile(directory_ / "what came; of it"), HasSubstr("\"person.1\""));
}

TEST_F(ImportTest, ResultsAreKeptForTheirOwnerAloneAndInNoOneElsesFile) {
  const std::string file = WritePeople(1);
  const std::filesystem::path results = file + ".results.jsonl";
  // Of another import, and of none at all.
  const std::string before =
      "{\"request_id\":\"other\",\"line\":1,\"account_id\":\"a\"}\n{\"line\":\"x\",\"account_id\":"
      "1}\n";
  directory_.Write("people.jsonl.results.jsonl", before);
  ASSERT_EQ(chmod(results.c_str(), 0644), 0);
  ASSERT_EQ(Run(Import(file)), 0) << Errors();
  struct stat status;
  ASSERT_EQ(stat(results.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(Results().size(), 3U);
  directory_.Write("people.jsonl.results.jsonl", before);
  ASSERT_EQ(Run(Import(file)), 0) << Errors();
  EXPECT_EQ(Results().size(), 3U) << "what another import told of line 1 does not hide it";

  std::filesystem::rename(results, directory_ / "elsewhere");
  std::filesystem::create_symlink(directory_ / "elsewhere", results);
  EXPECT_NE(Run(Import(file)), 0);
  EXPECT_THAT(Errors(), HasSubstr("no link"));
}

TEST_F(ImportTest, ADryRunTellsTheSameAndLeavesNothing) {
  const std::string file = WritePeople(20);
  std::vector<std::string> words = Import(file);
  words.push_back("--dry-run");
  EXPECT_EQ(Run(words), 0) << Errors();
  EXPECT_THAT(Output(), HasSubstr("Would be imported, nothing was changed: 20 accounts"));
  EXPECT_TRUE(People().empty());
  EXPECT_TRUE(Results().empty());
}

TEST_F(ImportTest, WhatIsExportedHoldsNoSecretAndCanBeImported) {
  ASSERT_EQ(Run(Import(WritePeople(1500))), 0) << Errors();
  ASSERT_EQ(Run({"export", "--organisation", "Riverside Trust"}), 0) << Errors();
  const std::string exported = Output();
  const std::vector<std::string> lines = absl::StrSplit(exported, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 1501U) << "and their administrator";
  EXPECT_THAT(exported, AllOf(Not(HasSubstr("$2b$")), Not(HasSubstr("password_hash")),
                              HasSubstr("person.1500")));
  const std::string file =
      directory_.Write("again.jsonl", absl::StrReplaceAll(exported, {{"person.", "again."}}))
          .string();
  std::vector<std::string> words = Import(file);
  words.push_back("--dry-run");
  EXPECT_EQ(Run(words), 4) << "the administrator's username is taken";
  EXPECT_THAT(Output(), AllOf(HasSubstr("1500 accounts"), HasSubstr("1 refused")));
}

TEST_F(ImportTest, DisabledAndDeletedPeopleAreExportedWhenAskedForAndNeverImported) {
  const Person disabled = service_.CreatePerson("dee.sabled");
  v1::DisableAccountRequest disable;
  disable.set_account_id(disabled.account_id);
  disable.set_reason("left the country");
  ASSERT_TRUE(service_.administrator().Call(&Accounts::DisableAccount, disable).ok());
  const Person deleted = service_.CreatePerson("dee.leted");
  v1::DeleteAccountRequest remove;
  remove.set_account_id(deleted.account_id);
  remove.set_reason("a mistake");
  ASSERT_TRUE(service_.administrator().Call(&Accounts::DeleteAccount, remove).ok());

  const std::vector<std::string> words = {"export", "--organisation", "Riverside Trust"};
  ASSERT_EQ(Run(words), 0) << Errors();
  EXPECT_THAT(Output(), Not(HasSubstr("dee.")));
  EXPECT_THAT(Errors(), HasSubstr("2 disabled or deleted left out; see --ended"));
  std::vector<std::string> with_ended = words;
  with_ended.push_back("--ended");
  ASSERT_EQ(Run(with_ended), 0) << Errors();
  EXPECT_THAT(Output(), AllOf(HasSubstr("dee.sabled"), HasSubstr("ACCOUNT_STATUS_DISABLED"),
                              HasSubstr("dee.leted"), HasSubstr("ACCOUNT_STATUS_DELETED")));
  EXPECT_THAT(Errors(), Not(HasSubstr("left out")));

  const std::string file = directory_.Write("ended.jsonl", Output()).string();
  EXPECT_EQ(Run(Import(file)), 4) << Errors();
  EXPECT_THAT(Output(), HasSubstr("is an account that was disabled or deleted where it was"));
}

TEST_F(ImportTest, AnExportThatCannotBeWrittenFails) {
  EXPECT_EQ(RunText(absl::StrCat("gatehousectl --server ", service_.server().address(),
                                 " --credentials '", (directory_ / "credentials").string(),
                                 "' export --organisation 'Riverside Trust' >/dev/full")),
            1);
  EXPECT_THAT(Errors(), HasSubstr("cannot be written to its end"));
}

TEST_F(ImportTest, OnlyAnOperatorImports) {
  cli::CredentialsFile credentials(directory_ / "credentials");
  ASSERT_EQ(credentials.Keep(service_.server().address(), service_.administrator().token()),
            absl::OkStatus());
  EXPECT_EQ(Run({"import", WritePeople(2)}), 5) << Output();
  EXPECT_THAT(Errors(), HasSubstr("NOT_PERMITTED"));
  EXPECT_TRUE(People().empty());
}

}  // namespace
}  // namespace gatehouse::e2e
