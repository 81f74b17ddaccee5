// gatehousectl against the real server: at a terminal as a person meets it, and from scripts.

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "clients/cli/credentials_file.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/terminal_session.h"
#include "tests/harness/authenticator.h"
#include "tests/harness/child_process.h"
#include "tests/harness/redis_process.h"
#include "tests/harness/server_process.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOperatorPassword[] = "walrus-lantern-quarry-17";
constexpr char kAdministratorPassword[] = "granite-teapot-meadow-41";
constexpr char kPersonPassword[] = "velvet-harbour-juniper-63";

struct Result {
  int exit_code;
  std::string output;
  std::string errors;
};

class GatehousectlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    temporary_ = server_.Bootstrap("National Service", "op.root").temporary_password;
    server_.Start();
  }

  // The command line of `who`, whose token is theirs alone.
  std::vector<std::string> Command(const std::string& who,
                                   const std::vector<std::string>& words) const {
    std::vector<std::string> command = {harness::BinaryPath("gatehousectl"), "--server",
                                        server_.address(), "--credentials", CredentialsOf(who)};
    command.insert(command.end(), words.begin(), words.end());
    return command;
  }

  std::string CredentialsOf(const std::string& who) const {
    return (directory_ / absl::StrCat(who, ".credentials")).string();
  }

  // As a script would run it, `input` on its standard input.
  Result Run(const std::string& who, const std::vector<std::string>& words,
             const std::string& input = "", const std::string& output = "output") {
    directory_.Write("input", input);
    std::vector<std::string> arguments = {
        "sh",
        "-c",
        "cd \"$1\"; out=$2; shift 2; exec \"$@\" <input >\"$out\" 2>errors",
        "sh",
        directory_.path().string(),
        output};
    for (const std::string& word : Command(who, words)) arguments.push_back(word);
    const int exit_code =
        harness::ChildProcess({.arguments = arguments, .log = directory_ / "log"}).Wait();
    return {exit_code, harness::ReadFile(directory_ / "output"),
            harness::ReadFile(directory_ / "errors")};
  }

  nlohmann::json Json(const std::string& who, std::vector<std::string> words,
                      const std::string& input = "") {
    words.insert(words.begin(), "--json");
    const Result result = Run(who, words, input);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return nlohmann::json::parse(result.output, nullptr, /*allow_exceptions=*/false);
  }

  // What a successful run printed.
  std::string Output(const std::string& who, const std::vector<std::string>& words) {
    const Result result = Run(who, words);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output;
  }

  void Succeed(const std::string& who, const std::vector<std::string>& words,
               const std::string& input = "") {
    const Result result = Run(who, words, input);
    ASSERT_EQ(result.exit_code, 0) << result.output << result.errors;
  }

  // Signs in for the first time and completes the required actions, by flags and files.
  void Onboard(const std::string& who, const std::string& temporary, const std::string& password,
               const std::string& secret) {
    const std::string secret_file = directory_.Write(absl::StrCat(who, ".secret"), secret).string();
    Succeed(who, {"sign-in", who}, absl::StrCat(temporary, "\n"));
    Succeed(who,
            {"account", "complete", "--accept-aup", "2026-11", "--keep-profile", "--secret-file",
             secret_file},
            absl::StrCat(temporary, "\n", password, "\n"));
  }

  // The second factor that a role demands, as a script registers it.
  harness::Authenticator RegisterApp(const std::string& who, const std::string& password) {
    const auto registered = Json(who, {"methods", "register", "app"}, absl::StrCat(password, "\n"));
    const harness::Authenticator app(registered.value("otpauth_uri", ""));
    const std::string code_file =
        directory_.Write(absl::StrCat(who, ".code"), app.CodeAt(absl::Now())).string();
    const auto confirmed = Json(who, {"methods", "confirm", "--code-file", code_file, "--",
                                      registered["method"]["method_id"]});
    EXPECT_EQ(confirmed["session"]["level"], "SESSION_LEVEL_FULL");
    EXPECT_EQ(confirmed["recovery_codes"].size(), 10u);
    return app;
  }

  // Operator, policy, organisation, administrator and one person, all onboarded.
  void BuildRiverside() {
    Succeed("op.root", {"sign-in", "op.root"}, absl::StrCat(temporary_, "\n"));
    Succeed("op.root", {"account", "change-password"},
            absl::StrCat(temporary_, "\n", kOperatorPassword, "\n"));
    Succeed("op.root", {"organisation", "publish-aup", "2026-11", "--uri",
                        "https://example.org/aup", "--sha256", std::string(64, 'a')});
    Succeed("op.root",
            {"account", "complete", "--accept-aup", "2026-11", "--keep-profile", "--given-name",
             "Olive", "--family-name", "Root", "--display-name", "Olive Root"},
            "rhododendron\n");
    RegisterApp("op.root", kOperatorPassword);
    Succeed("op.root", {"organisation", "create", "Riverside Trust"});
    const auto administrator =
        Json("op.root", {"account", "create", "la.riverside", "--organisation", "Riverside Trust",
                         "--given-name", "Lena", "--family-name", "Abara"});
    Succeed("op.root", {"account", "grant-role", "la.riverside", "local-admin"});
    Onboard("la.riverside", administrator["temporary_password"], kAdministratorPassword,
            "pomegranate");
    administrators_app_.emplace(RegisterApp("la.riverside", kAdministratorPassword));
    const auto person = Json("la.riverside", {"account", "create", "asha.patel", "--given-name",
                                              "Asha", "--family-name", "Patel"});
    Onboard("asha.patel", person["temporary_password"], kPersonPassword, "marmalade");
  }

  harness::TemporaryDirectory directory_;
  harness::RedisProcess redis_;
  harness::ServerProcess server_{{.redis = redis_.url()}};
  std::string temporary_;
  std::optional<harness::Authenticator> administrators_app_;
};

TEST_F(GatehousectlTest, ResecuresAtATerminalAsTheDesignShowsIt) {
  BuildRiverside();
  Succeed("asha.kiosk", {"sign-in", "asha.patel", "--device", "Ward 7 kiosk"},
          absl::StrCat(kPersonPassword, "\n"));

  TerminalSession terminal(Command("la.riverside", {"account", "resecure", "asha.patel", "--attest",
                                                    "known-in-person", "--reference", "desk 4"}));
  terminal.Answer("Reason, for the audit: ", "secret forgotten");
  terminal.Expect("Resecure Asha Patel (asha.patel, Riverside Trust)?");
  terminal.Expect("the password is reset at once");
  terminal.Expect("the acceptable use policy must be accepted again");
  terminal.Expect("the account secret is reset");
  terminal.Expect("2 sessions end now: Ward 7 kiosk, ");
  terminal.Answer("Type the username to confirm: ", "asha.patel");
  terminal.Expect("Resecured");
  terminal.Expect("2 sessions ended");
  terminal.Expect("Temporary password (shown once, works for 72 hours):");
  EXPECT_EQ(terminal.Wait(), 0);

  EXPECT_EQ(Run("asha.kiosk", {"account", "show"}).exit_code, 3);
  const Result again = Run("la.riverside", {"account", "resecure", "asha.patel", "--attest",
                                            "known-in-person", "--reason", "again", "--yes"});
  EXPECT_EQ(again.exit_code, 4);
  EXPECT_THAT(again.errors, AllOf(HasSubstr("AUP_NOT_ACCEPTED"),
                                  HasSubstr("the person completes the required actions"),
                                  HasSubstr("gatehousectl account reset-password asha.patel")));
}

TEST_F(GatehousectlTest, AScriptSignsInByAPasswordAndACodeWhateverTokenItHasKept) {
  BuildRiverside();
  ASSERT_TRUE(
      cli::CredentialsFile(CredentialsOf("la.script")).Keep(server_.address(), "of old").ok());
  const auto sign_in = [&](const std::string& code, const std::vector<std::string>& more = {}) {
    const std::string code_file = directory_.Write("code", code).string();
    std::vector<std::string> words = {"sign-in", "la.riverside", "--code-file", code_file,
                                      "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return Run("la.script", words, absl::StrCat(kAdministratorPassword, "\n"));
  };
  const Result wrong = sign_in("no code");
  EXPECT_EQ(wrong.exit_code, 4) << wrong.errors;
  EXPECT_EQ(nlohmann::json::parse(wrong.errors)["reason"], "CODE_INVALID");
  EXPECT_EQ(sign_in("no code", {"--method", "none of them"}).exit_code, 2);
  // Of the step after the present one, whose code was used to register.
  const Result right = sign_in(administrators_app_->CodeAt(absl::Now() + absl::Seconds(30)));
  ASSERT_EQ(right.exit_code, 0) << right.errors;
  EXPECT_EQ(nlohmann::json::parse(right.output)["level"], "SESSION_LEVEL_FULL");
  EXPECT_EQ(Run("la.script", {"account", "show", "asha.patel"}).exit_code, 0);
}

TEST_F(GatehousectlTest, WalksAnAdministratorToTheFirstCode) {
  BuildRiverside();
  const auto created =
      Json("op.root", {"account", "create", "la.second", "--organisation", "Riverside Trust",
                       "--given-name", "Lou", "--family-name", "Second"});
  EXPECT_THAT(Output("op.root", {"account", "grant-role", "la.second", "local-admin"}),
              HasSubstr("At the next sign-in, a second factor has to be registered."));
  const std::string temporary = created["temporary_password"];
  const std::string password = "copper-island-saddle-29";
  Succeed("la.second", {"sign-in", "la.second"}, absl::StrCat(temporary, "\n"));
  const Result saved =
      Run("la.second", {"account", "complete", "--accept-aup", "2026-11", "--keep-profile"},
          absl::StrCat(temporary, "\n", password, "\nbutterscotch\n"));
  EXPECT_EQ(saved.exit_code, 0) << saved.errors;
  EXPECT_THAT(saved.output, AllOf(HasSubstr("Still to do: register an authentication method"),
                                  HasSubstr("-> gatehousectl methods register app")));

  TerminalSession complete(Command("la.second", {"account", "complete"}));
  complete.Expect("Your role needs a second factor: an authenticator app.");
  complete.Answer("Password: ", password);
  complete.Expect("otpauth://totp/");
  complete.Expect("Code (authenticator app): ");
  const std::string& screen = complete.screen();
  const size_t uri = screen.find("otpauth://");
  const harness::Authenticator app(screen.substr(uri, screen.find_first_of("\r\n", uri) - uri));
  complete.Type(app.CodeAt(absl::Now()));
  complete.Expect("All done");
  complete.Expect("Codes to print");
  EXPECT_EQ(complete.Wait(), 0);
  EXPECT_EQ(Run("la.second", {"account", "show", "asha.patel"}).exit_code, 0);
}

TEST_F(GatehousectlTest, RecognisesACallerByLettersThatNobodySees) {
  BuildRiverside();
  const std::string secret = "marmalade";
  TerminalSession terminal(Command("la.riverside", {"account", "verify", "asha.patel"}));
  terminal.Expect("Ask Asha Patel (asha.patel) for 3 letters of the account secret");
  for (int letter = 0; letter < 3; ++letter) {
    terminal.Expect("letter ");
    terminal.Expect(": ");
    const std::string& screen = terminal.screen();
    const size_t place = std::stoul(screen.substr(screen.rfind("letter ") + 7));
    terminal.Type(secret.substr(place - 1, 1));
  }
  terminal.Expect("Recognised:");
  terminal.Expect("Asha Patel (asha.patel). Good once, for you, until ");
  terminal.Expect("--verification ");
  EXPECT_EQ(terminal.Wait(), 0);
  const size_t id = terminal.screen().find("--verification ") + 15;
  const std::string verification = terminal.screen().substr(id, 22);
  const std::vector<std::string> reset = {"account",        "reset-password", "asha.patel",
                                          "--verification", verification,     "--reason",
                                          "called the desk"};
  EXPECT_THAT(Output("la.riverside", reset), HasSubstr("Password reset: Asha Patel"));
  const Result again = Run("la.riverside", reset);
  EXPECT_EQ(again.exit_code, 4);
  EXPECT_THAT(again.errors, HasSubstr("VERIFICATION_INVALID"));

  const std::string slips_and_wrong_letters = "zz\n\nz\n z\nz\n";
  const Result wrong =
      Run("la.riverside", {"account", "verify", "asha.patel"}, slips_and_wrong_letters);
  EXPECT_EQ(wrong.exit_code, 4);
  EXPECT_THAT(wrong.output, HasSubstr("Not recognised. Another try asks for the same."));
}

TEST_F(GatehousectlTest, ProgramsAreToldTheGrantOfAVerificationAndWhyThereIsNone) {
  BuildRiverside();
  const nlohmann::json asha = Json("la.riverside", {"account", "show", "asha.patel"});
  const nlohmann::json asked =
      Json("la.riverside", {"call", "StartIdentityVerification",
                            nlohmann::json({{"account_id", asha["account_id"]},
                                            {"request_id", "0f8fad5b-d9cb-469f-a165-70867728950e"}})
                                .dump()});
  std::string letters;
  for (const int place : asked["positions"]) {
    absl::StrAppend(&letters, std::string("marmalade").substr(static_cast<size_t>(place) - 1, 1),
                    "\n");
  }
  const std::vector<std::string> verify = {"account", "verify", "asha.patel"};
  EXPECT_EQ(Json("la.riverside", verify, letters)["verification_id"], asked["verification_id"]);

  nlohmann::json told;
  for (int failure = 0; failure < 3; ++failure) {
    const Result wrong =
        Run("la.riverside", {"--json", "account", "verify", "asha.patel"}, "z\nz\nz\n");
    EXPECT_EQ(wrong.exit_code, 4);
    told = nlohmann::json::parse(wrong.output);
    EXPECT_EQ(told["verification_id"], "");
  }
  EXPECT_EQ(told["closure"]["violations"][0]["reason"], "ERROR_REASON_VERIFICATION_CLOSED");
  EXPECT_EQ(told["closure"]["eligible_time"], told["closed_until_time"]);
}

TEST_F(GatehousectlTest, AnotherWordThanTheUsernameChangesNothing) {
  BuildRiverside();
  TerminalSession terminal(Command("la.riverside", {"account", "resecure", "asha.patel", "--attest",
                                                    "known-in-person", "--reason", "test"}));
  terminal.Answer("Type the username to confirm: ", "yes");
  terminal.Expect("not confirmed; nothing was changed");
  EXPECT_EQ(terminal.Wait(), 8);
  EXPECT_EQ(Run("asha.patel", {"account", "show"}).exit_code, 0);
}

TEST_F(GatehousectlTest, WalksAPersonThroughTheirRequiredActionsWithoutShowingASecret) {
  BuildRiverside();
  const auto created = Json("la.riverside", {"account", "create", "sam.osei", "--given-name", "Sam",
                                             "--family-name", "Osey"});
  const std::string temporary = created["temporary_password"];
  const std::string password = "copper-island-saddle-29";

  TerminalSession sign_in(Command("sam.osei", {"sign-in", "sam.osei"}));
  sign_in.Answer("Password of sam.osei: ", temporary);
  sign_in.Expect("Signed in, restricted");
  sign_in.Expect("gatehousectl account complete");
  EXPECT_EQ(sign_in.Wait(), 0);

  TerminalSession complete(Command("sam.osei", {"account", "complete"}));
  complete.Answer("Current password: ", temporary);
  complete.Answer("New password: ", password);
  complete.Answer("Once more: ", "something else");
  complete.Expect("They differ");
  complete.Answer("New password: ", password);
  complete.Answer("Once more: ", password);
  complete.Expect("https://example.org/aup");
  complete.Answer("do you accept it? [yes/no] ", "yes");
  complete.Answer("Given name [Sam]: ", "");
  complete.Answer("Family name [Osey]: ", "Osei");
  complete.Answer("Display name [Sam Osey]: ", "Sam Osei");
  complete.Answer("Contact email", "sam@example.org");
  complete.Answer("Phone number", "");
  complete.Answer("Account secret: ", "butterscotch");
  complete.Answer("Once more: ", "butterscotch");
  complete.Expect("All done");
  EXPECT_EQ(complete.Wait(), 0);

  EXPECT_THAT(sign_in.screen(), Not(HasSubstr(temporary)));
  EXPECT_THAT(complete.screen(), AllOf(Not(HasSubstr(temporary)), Not(HasSubstr(password)),
                                       Not(HasSubstr("butterscotch"))));
  EXPECT_THAT(
      Output("sam.osei", {"account", "show"}),
      AllOf(HasSubstr("Sam Osei (sam.osei)"), HasSubstr("active"), HasSubstr("sam@example.org")));
}

TEST_F(GatehousectlTest, ScriptsGetJsonDecodedErrorsAndExitCodes) {
  BuildRiverside();
  EXPECT_EQ(Json("la.riverside", {"account", "show", "asha.patel"})["username"], "asha.patel");
  const Result refused = Run("la.riverside", {"call", "UnlockAccount"}, "");
  EXPECT_EQ(refused.exit_code, 2) << refused.errors;
  const auto fields = nlohmann::json::parse(refused.errors);
  EXPECT_EQ(fields["reason"], "FIELDS_INVALID");

  const auto own = Json("la.riverside", {"account", "show"});
  const Result self =
      Run("la.riverside", {"account", "reset-password", "la.riverside", "--attest", "document",
                           "--reference", "p1", "--reason", "r", "--json"});
  EXPECT_EQ(self.exit_code, 4) << self.errors;
  EXPECT_EQ(nlohmann::json::parse(self.errors)["reason"], "ACTING_ON_SELF");

  EXPECT_THAT(Output("la.riverside", {"account", "eligibility", "asha.patel"}),
              AllOf(HasSubstr("resecure-account"), HasSubstr("yes"), HasSubstr("NOT_LOCKED")));
  EXPECT_EQ(Run("asha.patel", {"account", "show", "la.riverside"}).exit_code, 5);
  EXPECT_EQ(Run("nobody", {"account", "show"}).exit_code, 3);
  EXPECT_EQ(Run("la.riverside", {"account", "resecure"}).exit_code, 2);
  EXPECT_EQ(Run("la.riverside", {"account", "resecure", "asha.patel", "--attest", "document",
                                 "--reference", "p1", "--reason", "r"})
                .exit_code,
            2)
      << "nobody is there to confirm";
  EXPECT_EQ(Run("op.root", {"organisation", "create", "Riverside Trust"}).exit_code, 7);
  EXPECT_EQ(Run("op.root", {"--server", "127.0.0.1:1", "account", "show"}).exit_code, 6);
}

TEST_F(GatehousectlTest, TheTokenIsForItsOwnerAloneAndSignOutEndsIt) {
  BuildRiverside();
  struct stat attributes {};
  ASSERT_EQ(stat(CredentialsOf("asha.patel").c_str(), &attributes), 0);
  EXPECT_EQ(attributes.st_mode & 0777, 0600u);
  const std::string token(absl::StripSuffix(Output("asha.patel", {"session", "token"}), "\n"));
  const std::string token_file = directory_.Write("token", token).string();
  EXPECT_EQ(Run("other", {"session", "validate", "--token-file", token_file}).exit_code, 0);

  EXPECT_THAT(Output("asha.patel", {"sign-out"}), HasSubstr("Signed out"));
  EXPECT_EQ(Run("other", {"session", "validate", "--token-file", token_file}).exit_code, 3);
  EXPECT_EQ(Run("asha.patel", {"sign-out"}).exit_code, 3);
  EXPECT_THAT(harness::ReadFile(CredentialsOf("asha.patel")), Not(HasSubstr(token)));
}

TEST_F(GatehousectlTest, ListsSessionsAndEndsOneByTheBeginningOfItsId) {
  BuildRiverside();
  Succeed("asha.kiosk", {"sign-in", "asha.patel", "--device", "Ward 7 kiosk"},
          absl::StrCat(kPersonPassword, "\n"));
  EXPECT_THAT(Output("asha.patel", {"session", "list"}),
              AllOf(HasSubstr("Ward 7 kiosk"), HasSubstr("(this one)")));
  const auto list = Json("asha.kiosk", {"session", "list"});
  std::string kiosk;
  for (const auto& session : list["sessions"]) {
    if (session["current"] == true) kiosk = session["session_id"];
  }
  // One id in 64 begins with a dash.
  Succeed("asha.patel", {"session", "revoke", "--", kiosk.substr(0, 12)});
  EXPECT_EQ(Run("asha.kiosk", {"account", "show"}).exit_code, 3);
  EXPECT_EQ(Run("asha.patel", {"account", "show"}).exit_code, 0);
}

TEST_F(GatehousectlTest, ChangesARuleFromTheTerminalAndTakesItBack) {
  BuildRiverside();
  const std::string text = Output("op.root", {"policy", "show", "--text"});
  const std::string file =
      directory_
          .Write("new.textproto",
                 absl::StrReplaceAll(text, {{R"-("organisation_hold" value: "duration('24h')")-",
                                             R"-("organisation_hold" value: "duration('48h')")-"},
                                            {"eligible_at: \"2026-11-21T16:30:00Z\"",
                                             "eligible_at: \"2026-11-22T16:30:00Z\""}}))
          .string();
  EXPECT_THAT(Output("op.root", {"policy", "validate", file}), HasSubstr("all pass"));
  EXPECT_THAT(Output("op.root", {"policy", "diff", file}),
              AllOf(HasSubstr("organisation_hold"), HasSubstr("NARROWS"),
                    HasSubstr("Nothing is widened.")));
  EXPECT_THAT(Output("op.root", {"policy", "activate", file, "--reason", "longer", "--dry-run"}),
              HasSubstr("nothing was changed"));
  EXPECT_THAT(Output("op.root", {"policy", "activate", file, "--reason", "longer"}),
              HasSubstr("confirmed by 1 server"));
  EXPECT_THAT(Output("op.root", {"policy", "show"}),
              AllOf(HasSubstr("op.root"), HasSubstr("longer"), HasSubstr("decides by it")));

  const Result widens = Run("op.root", {"policy", "rollback", "--reason", "back"});
  EXPECT_EQ(widens.exit_code, 4) << widens.errors;
  EXPECT_THAT(widens.errors, HasSubstr("POLICY_WIDENS"));
  const auto revisions = Json("op.root", {"policy", "revisions"})["revisions"];
  ASSERT_EQ(revisions.size(), 2u);
  const std::string first = revisions[1]["revision"];
  const auto diff = Json("op.root", {"policy", "diff", absl::StrCat("id:", first)});
  Succeed("op.root", {"policy", "rollback", "--reason", "back", "--diff-digest",
                      std::string(diff["diff_digest"])});
  EXPECT_EQ(Json("op.root", {"policy", "show"})["policy"]["revision"], first);

  const Result refused = Run("op.root", {"policy", "explain", "--action", "resecure-account",
                                         "--account", "asha.patel", "--actor", "asha.patel"});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.output, HasSubstr("RESECURE_ACCOUNT: "));
  EXPECT_THAT(Output("op.root", {"policy", "replay", file}), HasSubstr("replayed"));
  directory_.Write("bad.textproto", "require { that: \"account.lockd\" }");
  EXPECT_EQ(Run("op.root", {"policy", "validate", "bad.textproto"}).exit_code, 4);
  EXPECT_EQ(Run("op.root", {"policy", "validate", "nowhere.textproto"}).exit_code, 2);
  EXPECT_EQ(Run("la.riverside", {"policy", "show"}).exit_code, 5);
}

TEST_F(GatehousectlTest, WhatCannotBeWrittenToItsEndIsAFailure) {
  BuildRiverside();
  const auto run = [&](const std::vector<std::string>& words) {
    return Run("la.riverside", words, "", "/dev/full");
  };
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"account", "show", "asha.patel"},
           {"account", "show", "asha.patel", "--json"},
           {"session", "list"},
           {"account", "reset-password", "asha.patel", "--attest", "document", "--reference", "p1",
            "--reason", "lost"}}) {
    const Result lost = run(words);
    EXPECT_EQ(lost.exit_code, 1) << words[1];
    EXPECT_THAT(lost.errors, HasSubstr("cannot be written to its end")) << words[1];
  }
  const Result refused = run({"account", "reset-password", "la.riverside", "--attest", "document",
                              "--reference", "p1", "--reason", "r"});
  EXPECT_EQ(refused.exit_code, 4) << "nothing was to be written";
  EXPECT_THAT(refused.errors, Not(HasSubstr("cannot be written")));
}

TEST_F(GatehousectlTest, TheAuditNamesPeople) {
  BuildRiverside();
  Succeed("la.riverside", {"account", "reset-password", "asha.patel", "--attest", "document",
                           "--reference", "passport 1", "--reason", "lost"});
  EXPECT_THAT(Output("op.root", {"audit", "list", "--organisation", "Riverside Trust", "--action",
                                 "reset-password"}),
              AllOf(HasSubstr("la.riverside"), HasSubstr("asha.patel"), HasSubstr("succeeded")));
  EXPECT_THAT(Output("la.riverside", {"health"}), HasSubstr("SERVING"));
}

}  // namespace
}  // namespace gatehouse::e2e
