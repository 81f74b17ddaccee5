// Second factors and forgotten passwords through the real binaries: what a person types, what is
// sent to them (the spool), and what a crash of the server must not undo.

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/recovery_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/staffed_server.h"
#include "tests/e2e/terminal_session.h"
#include "tests/harness/child_process.h"
#include "tests/harness/shipped_policy.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Accounts = v1::AccountService::Stub;
using Recovery = v1::RecoveryService::Stub;
using Sessions = v1::SessionService::Stub;

constexpr char kNumber[] = "+447700900123";
constexpr char kMaskedBeginning[] = "+44 7*** ***";
constexpr char kMasked[] = "+44 7*** ***123";

class SecondFactorStoryTest : public ::testing::Test {
 protected:
  std::vector<std::string> Command(const std::vector<std::string>& words) {
    std::vector<std::string> command = {harness::BinaryPath("gatehousectl"), "--server",
                                        service_.server().address(), "--credentials",
                                        (directory_ / "credentials").string()};
    command.insert(command.end(), words.begin(), words.end());
    return command;
  }

  // What gatehousectl says when nobody sits there, `input` on its standard input.
  std::string RunScript(const std::vector<std::string>& words, const std::string& input) {
    const std::string input_file = directory_.Write("input", input).string();
    std::vector<std::string> arguments = {"sh", "-c", "exec \"$@\" <\"$0\"", input_file};
    for (const std::string& word : Command(words)) arguments.push_back(word);
    const harness::TemporaryDirectory output;
    harness::ChildProcess script({.arguments = arguments, .log = output / "log"});
    script.Wait();
    return script.LogText();
  }

  // The next code that lies in the spool.
  std::string NextCode() {
    std::string code;
    EXPECT_TRUE(harness::WaitUntil([&] {
      for (const auto& entry : std::filesystem::directory_iterator(service_.server().spool())) {
        if (!entry.is_regular_file() || entry.path().filename().string().front() == '.') continue;
        const auto message = nlohmann::json::parse(harness::ReadFile(entry.path()), nullptr, false);
        if (message.value("kind", "") != "AUTHENTICATION_CODE") continue;
        if (!seen_.insert(entry.path().string()).second) continue;
        EXPECT_EQ(message["to"]["phone_number"], kNumber);
        EXPECT_FALSE(message.contains("sealed_code"));
        code = message["details"]["code"];
        return true;
      }
      return false;
    }));
    return code;
  }

  // Registered and confirmed by the person's own session; its id.
  std::string AddTelephone(Actor& actor, const Person& person) {
    v1::RegisterAuthenticationMethodRequest request;
    request.set_password(person.password);
    request.set_kind(v1::AUTHENTICATION_METHOD_KIND_SMS);
    request.set_phone_number(kNumber);
    const auto registered = actor.Call(&Accounts::RegisterAuthenticationMethod, request);
    EXPECT_TRUE(registered.ok()) << registered;
    v1::ConfirmAuthenticationMethodRequest confirm;
    confirm.set_method_id(registered->method().method_id());
    confirm.set_code(NextCode());
    const auto confirmed = actor.Call(&Accounts::ConfirmAuthenticationMethod, confirm);
    EXPECT_TRUE(confirmed.ok()) << confirmed;
    return registered->method().method_id();
  }

  harness::TemporaryDirectory directory_;
  StaffedServer service_{{.hashing = Hashing::kCheap}};
  std::set<std::string> seen_;
};

TEST_F(SecondFactorStoryTest, APersonRegistersATelephoneAtATerminalAndSignsInByIt) {
  const Person asha = service_.CreatePerson("asha.patel");
  TerminalSession sign_in(Command({"sign-in", "asha.patel"}));
  sign_in.Answer("Password of asha.patel: ", asha.password);
  sign_in.Expect("Signed in");
  ASSERT_EQ(sign_in.Wait(), 0) << sign_in.screen();

  TerminalSession enroll(Command({"methods", "register", "sms", kNumber, "--label", "my phone"}));
  enroll.Answer("Password: ", asha.password);
  enroll.Expect(absl::StrCat("Code (text message to ", kMasked));
  const std::string first = NextCode();
  enroll.Type(first);
  enroll.Expect("In use");
  enroll.Expect("Codes to print");
  ASSERT_EQ(enroll.Wait(), 0) << enroll.screen();
  EXPECT_THAT(enroll.screen(), Not(HasSubstr(first))) << "codes are typed unseen";

  TerminalSession list(Command({"methods", "list"}));
  list.Expect("text message to");
  list.Expect("printed code");
  ASSERT_EQ(list.Wait(), 0) << list.screen();

  TerminalSession again(Command({"sign-in", "asha.patel"}));
  again.Answer("Password of asha.patel: ", asha.password);
  again.Answer("By which? [1 to 2] ", "1");
  again.Expect("Code (text message to");
  again.Type(NextCode());
  again.Expect("Signed in");
  ASSERT_EQ(again.Wait(), 0) << again.screen();
}

TEST_F(SecondFactorStoryTest, AnAppIsShownAsAQrCodeThatATerminalCanDraw) {
  const Person asha = service_.CreatePerson("asha.patel");
  TerminalSession sign_in(Command({"sign-in", "asha.patel"}));
  sign_in.Answer("Password of asha.patel: ", asha.password);
  ASSERT_EQ(sign_in.Wait(), 0) << sign_in.screen();
  TerminalSession enroll(Command({"methods", "register", "app"}));
  enroll.Answer("Password: ", asha.password);
  enroll.Expect("▀");
  enroll.Expect("otpauth://totp/Gatehouse:asha.patel?secret=");
  enroll.Answer("Code (authenticator app): ", "no code");
  enroll.Expect("CODE_INVALID");
  EXPECT_EQ(enroll.Wait(), 4);
}

TEST_F(SecondFactorStoryTest, AScriptAnswersByTheMethodThatMakesItsOwnCodes) {
  for (const bool from_a_file : {true, false}) {
    SCOPED_TRACE(from_a_file ? "the code from a file" : "the code from standard input");
    const Person person = service_.CreatePerson(from_a_file ? "asha.patel" : "sam.osei");
    Actor actor = service_.NewActor();
    ASSERT_TRUE(actor.SignIn(person.username, person.password).ok());
    const std::string telephone = AddTelephone(actor, person);
    ASSERT_TRUE(actor.RegisterApp(person.password).ok());
    // Of the step after the present one, whose code was used to register.
    const std::string code = actor.app()->CodeAt(absl::Now() + absl::Seconds(30));
    const auto sign_in = [&](std::vector<std::string> more) {
      more.insert(more.begin(), {"sign-in", person.username});
      return RunScript(more, absl::StrCat(person.password, "\n", code, "\n"));
    };
    const std::string no_code = directory_.Write("no.code", "no code").string();
    EXPECT_THAT(sign_in({"--code-file", no_code, "--method", telephone}),
                HasSubstr("CODE_INVALID"));
    EXPECT_NE(NextCode(), "") << "the one that is named is taken";
    const std::string code_file = directory_.Write("code", code).string();
    const std::string told =
        sign_in(from_a_file ? std::vector<std::string>{"--code-file", code_file}
                            : std::vector<std::string>());
    EXPECT_THAT(told, HasSubstr("Signed in")) << "though the telephone is offered first";
  }
}

TEST_F(SecondFactorStoryTest, AForgottenPasswordIsReplacedAtATerminalOnceTheHoldIsOver) {
  Person asha = service_.CreatePerson("asha.patel");
  Actor actor = service_.NewActor();
  ASSERT_TRUE(actor.SignIn("asha.patel", asha.password).ok());
  AddTelephone(actor, asha);

  TerminalSession early(Command({"recover", "asha.patel"}));
  early.Expect("Code (text message to");
  early.Type(NextCode());
  early.Expect("ORGANISATION_HOLD");
  EXPECT_EQ(early.Wait(), 4) << early.screen();

  // Whoever has just been created could not reset anything yet.
  service_.WritePolicyFile(harness::PolicyWhere("organisation_hold", "duration('0s')"));
  service_.server().Reload();
  v1::CheckEligibilityRequest eligibility;
  eligibility.set_account_id(asha.account_id);
  eligibility.add_actions(v1::ACTION_COMPLETE_PASSWORD_RESET);
  ASSERT_TRUE(harness::WaitUntil([&] {
    const auto answer = service_.administrator().Call(&Accounts::CheckEligibility, eligibility);
    return answer.ok() && answer->results(0).decision().allowed();
  }));
  const std::string fresh = FreshPassword();
  TerminalSession recover(Command({"recover", "asha.patel"}));
  recover.Expect("Code (text message to");
  recover.Type(NextCode());
  recover.Answer("New password: ", fresh);
  recover.Answer("Once more: ", fresh);
  recover.Expect("Password reset");
  ASSERT_EQ(recover.Wait(), 0) << recover.screen();
  EXPECT_FALSE(actor.Validate().ok()) << "every session has ended";
  EXPECT_TRUE(service_.NewActor().SignIn("asha.patel", fresh)->has_second_factor());
}

TEST_F(SecondFactorStoryTest, WrongCodesChallengesAndCodesSurviveACrash) {
  Person asha = service_.CreatePerson("asha.patel");
  Actor actor = service_.NewActor();
  ASSERT_TRUE(actor.SignIn("asha.patel", asha.password).ok());
  const std::string telephone = AddTelephone(actor, asha);
  Actor stranger = service_.NewActor();
  const auto asked = stranger.SignIn("asha.patel", asha.password);
  ASSERT_TRUE(asked->has_second_factor());
  v1::SendSecondFactorCodeRequest send;
  send.set_challenge_id(asked->second_factor().challenge_id());
  send.set_method_id(telephone);
  ASSERT_TRUE(stranger.Call(&Sessions::SendSecondFactorCode, send).ok());
  const std::string code = NextCode();
  v1::AnswerSecondFactorRequest wrong;
  wrong.set_challenge_id(send.challenge_id());
  wrong.set_method_id(telephone);
  wrong.set_code("no code");
  for (int failures = 1; failures <= 5; ++failures) {
    Actor guesser = service_.NewActor();
    EXPECT_EQ(guesser.Call(&Sessions::AnswerSecondFactor, wrong).reason(), "CODE_INVALID");
    service_.server().Kill9();
    service_.Restart();
  }
  v1::AnswerSecondFactorRequest right = wrong;
  right.set_code(code);
  Actor guesser = service_.NewActor();
  EXPECT_EQ(guesser.Call(&Sessions::AnswerSecondFactor, right).reason(), "CODES_EXHAUSTED");
}

TEST_F(SecondFactorStoryTest, NobodyLearnsOverTheWireWhetherANameIsSomebodys) {
  Person asha = service_.CreatePerson("asha.patel");
  Actor actor = service_.NewActor();
  ASSERT_TRUE(actor.SignIn("asha.patel", asha.password).ok());
  AddTelephone(actor, asha);
  const auto walk = [&](const std::string& username) {
    std::vector<std::string> steps;
    Actor person = service_.NewActor();
    v1::StartPasswordResetRequest start;
    start.set_username(username);
    auto reset = person.Call(&Recovery::StartPasswordReset, start);
    reset.response.mutable_expire_time()->clear_nanos();  // their size is the clock's
    const std::string& method_id = reset->methods(0).method_id();
    steps.push_back(absl::StrCat(reset.reason(), reset.response.ByteSizeLong()));
    v1::SendPasswordResetCodeRequest send;
    send.set_reset_id(reset->reset_id());
    send.set_method_id(method_id);
    const auto sent = person.Call(&Recovery::SendPasswordResetCode, send);
    steps.push_back(absl::StrCat(sent.reason(), sent.response.has_expire_time()));
    v1::VerifyPasswordResetCodeRequest verify;
    verify.set_reset_id(reset->reset_id());
    verify.set_method_id(method_id);
    verify.set_code("no code");
    for (int i = 0; i < 6; ++i) {
      const auto verified = person.Call(&Recovery::VerifyPasswordResetCode, verify);
      steps.push_back(absl::StrCat(verified.status.error_code(), verified.status.error_message(),
                                   verified.status.error_details()));
    }
    return steps;
  };
  const std::vector<std::string> expected = walk("asha.patel");
  for (int i = 0, compared = 0; compared < 3; ++i) {
    v1::StartPasswordResetRequest start;
    start.set_username(absl::StrCat("nobody", i));
    Actor person = service_.NewActor();
    const auto begun = person.Call(&Recovery::StartPasswordReset, start);
    ASSERT_TRUE(begun.ok()) << start.username() << ": " << begun;
    // Decoys come in every shape that methods have.
    const bool looks_alike =
        begun->methods_size() == 1 &&
        begun->methods(0).kind() == v1::AUTHENTICATION_METHOD_KIND_SMS &&
        absl::StartsWith(begun->methods(0).masked_destination(), kMaskedBeginning);
    if (!looks_alike) continue;
    EXPECT_EQ(walk(start.username()), expected) << start.username();
    ++compared;
  }
}

}  // namespace
}  // namespace gatehouse::e2e
