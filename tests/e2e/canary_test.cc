// Secrets appear nowhere (quality/invariants.md, 15): every secret of the main story, as it is, as
// bytes, in hex and in base64, is looked for in everything that the server leaves behind while it
// logs as much as it can.

#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/recovery_service.grpc.pb.h"
#include "tests/e2e/raw_connection.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/authenticator.h"
#include "tests/harness/child_process.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

using Accounts = v1::AccountService::Stub;
using Sessions = v1::SessionService::Stub;

constexpr char kUsername[] = "asha.patel";

// The text as a part of a longer base64 text, wherever in that it begins: the characters at both
// ends, which depend on the neighbours, are left out.
std::vector<std::string> InsideBase64(const std::string& text) {
  std::vector<std::string> forms;
  for (size_t before = 0; before < 3; ++before) {
    std::string encoded;
    absl::Base64Escape(std::string(before, '\0') + text, &encoded);
    const size_t first = before == 0 ? 0 : before + 1;
    const size_t last = (before + text.size()) * 8 / 6;
    forms.push_back(encoded.substr(first, last - first));
    forms.push_back(absl::StrReplaceAll(forms.back(), {{"+", "-"}, {"/", "_"}}));
  }
  return forms;
}

// How a secret may look. All in lower case, as is what they are looked for in.
std::vector<std::string> FormsOf(const std::string& secret) {
  std::vector<std::string> forms = InsideBase64(secret);
  forms.push_back(secret);
  forms.push_back(absl::BytesToHexString(secret));
  for (std::string& form : forms) absl::AsciiStrToLower(&form);
  return forms;
}

class CanaryTest : public ::testing::Test {
 protected:
  void Secret(const std::string& what, const std::string& secret) {
    ASSERT_GE(secret.size(), 9U) << what << " is too short to be recognised";
    secrets_[absl::StrCat(secrets_.size() + 1, ": ", what)] = secret;
  }

  // A token tells its account, which is no secret: the random part of it is.
  void Token(const std::string& what, const std::string& token) {
    constexpr size_t kPrefix = 4;
    constexpr size_t kAccountId = 16;
    ASSERT_GT(token.size(), kPrefix) << what;
    std::string bytes;
    ASSERT_TRUE(absl::WebSafeBase64Unescape(token.substr(kPrefix), &bytes)) << what;
    Secret(what, token);
    Secret(what + " (its random bytes)", bytes.substr(kAccountId));
  }

  void Keys(const std::string& keyring) {
    int count = 0;
    const std::string text = harness::ReadFile(keyring);
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
      std::string key;
      if (words.size() != 6 || !absl::WebSafeBase64Unescape(words[5], &key)) continue;
      Secret(absl::StrCat("key ", ++count), key);
      Secret(absl::StrCat("key ", count, " as text"), words[5]);
    }
    EXPECT_GT(count, 0);
  }

  // A person from the first sign-in to the last, with every call that takes or tells a secret.
  void TellTheStory();
  // The password that was chosen.
  std::string SignInAndComplete(const std::string& temporary_password);
  void UseAnApp(const std::string& password);
  void Secure();
  void BeRefused();
  void LookEverywhere();

  // What was answered to a call that failed.
  template <typename Response>
  void Refused(const std::string& what, const Answer<Response>& answer) {
    EXPECT_FALSE(answer.ok()) << what;
    left_behind_["the refusal of " + what] =
        absl::StrCat(answer.status.error_message(), "\n", answer.status.error_details());
  }

  void Directory(const std::filesystem::path& path) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (!entry.is_regular_file()) continue;
      left_behind_[entry.path().string()] = harness::ReadFile(entry.path());
    }
  }

  // What is found where, of these.
  std::vector<std::string> Find(const std::map<std::string, std::string>& wanted) const {
    std::vector<std::string> hits;
    for (const auto& [place, content] : left_behind_) {
      const std::string text = absl::AsciiStrToLower(content);
      for (const auto& [what, secret] : wanted) {
        for (const std::string& form : FormsOf(secret)) {
          if (absl::StrContains(text, form)) hits.push_back(absl::StrCat(what, " in ", place));
        }
      }
    }
    return hits;
  }

  StaffedServer service_{{.flags = {"--log_level=debug"}}};
  Actor person_ = service_.NewActor();
  std::string person_id_;
  std::map<std::string, std::string> secrets_;      // by what they are
  std::map<std::string, std::string> left_behind_;  // by place
};

std::string CanaryTest::SignInAndComplete(const std::string& temporary_password) {
  const std::string password = FreshPassword();
  const std::string secret = FreshSecret();
  Secret("a password", password);
  Secret("an account secret", secret);
  EXPECT_TRUE(person_.SignIn(kUsername, temporary_password).ok());
  Token("the token of a RESTRICTED session", person_.token());
  EXPECT_TRUE(person_.ChangePassword(temporary_password, password).ok());
  Token("the token after a change", person_.token());
  EXPECT_TRUE(person_.Complete(kCurrentAup, ProfileOf("Robin", "Example"), secret).ok());
  Token("the token of a FULL session", person_.token());

  v1::SetAccountSecretRequest another;
  another.set_password(password);
  another.set_account_secret(FreshSecret());
  Secret("another account secret", another.account_secret());
  const auto set = person_.Call(&Accounts::SetAccountSecret, another);
  EXPECT_TRUE(set.ok()) << set;
  EXPECT_TRUE(person_.Validate().ok());
  return password;
}

// An authenticator app, printed codes, a second factor and the beginning of a password reset.
void CanaryTest::UseAnApp(const std::string& password) {
  v1::RegisterAuthenticationMethodRequest add;
  add.set_password(password);
  add.set_kind(v1::AUTHENTICATION_METHOD_KIND_TOTP);
  const auto added = person_.Call(&Accounts::RegisterAuthenticationMethod, add);
  ASSERT_TRUE(added.ok()) << added;
  const harness::Authenticator app(added->otpauth_uri());
  Secret("what an app shares with the server", app.shared_secret());
  v1::ConfirmAuthenticationMethodRequest confirm;
  confirm.set_method_id(added->method().method_id());
  confirm.set_code(app.CodeAt(absl::Now()));
  const auto confirmed = person_.Call(&Accounts::ConfirmAuthenticationMethod, confirm);
  ASSERT_TRUE(confirmed.ok()) << confirmed;
  for (const std::string& code : confirmed->recovery_codes()) Secret("a printed code", code);

  const auto asked = service_.NewActor().SignIn(kUsername, password);
  ASSERT_TRUE(asked->has_second_factor()) << asked;
  Secret("a second factor's challenge", asked->second_factor().challenge_id());
  v1::AnswerSecondFactorRequest answer;
  answer.set_challenge_id(asked->second_factor().challenge_id());
  answer.set_method_id(asked->second_factor().methods(1).method_id());
  answer.set_code(confirmed->recovery_codes(0));
  const auto signed_in = person_.Call(&Sessions::AnswerSecondFactor, answer);
  ASSERT_TRUE(signed_in.ok()) << signed_in;
  Token("the token after a second factor", signed_in->session_token());

  v1::StartPasswordResetRequest start;
  start.set_username(kUsername);
  const auto reset = person_.Call(&v1::RecoveryService::Stub::StartPasswordReset, start);
  ASSERT_TRUE(reset.ok()) << reset;
  Secret("a password reset", reset->reset_id());
  v1::RemoveAuthenticationMethodRequest remove;
  remove.set_password(password);
  remove.set_method_id(added->method().method_id());
  const auto removed = person_.Call(&Accounts::RemoveAuthenticationMethod, remove);
  EXPECT_TRUE(removed.ok()) << removed;
}

void CanaryTest::Secure() {
  auto resecure = Attested<v1::ResecureAccountRequest>(person_id_, "looked over the shoulder");
  resecure.set_temporary_password(FreshPassword());
  Secret("a given temporary password", resecure.temporary_password());
  const auto resecured = service_.administrator().Call(&Accounts::ResecureAccount, resecure);
  ASSERT_TRUE(resecured.ok()) << resecured;
  const auto reset = service_.administrator().Call(
      &Accounts::ResetPassword, Attested<v1::ResetPasswordRequest>(person_id_, "mislaid it"));
  ASSERT_TRUE(reset.ok()) << reset;
  Secret("a generated temporary password", reset->temporary_password());
  SignInAndComplete(reset->temporary_password());
}

void CanaryTest::BeRefused() {
  const std::string wrong = FreshPassword();
  Secret("a wrong password", wrong);
  Refused("a sign-in", service_.NewActor().SignIn(kUsername, wrong));
  Refused("a change of password", Actor(person_).ChangePassword(wrong, "short"));
  v1::SetAccountSecretRequest bad;
  bad.set_password(wrong);
  bad.set_account_secret("n0t-letters-alone");
  Secret("a refused account secret", bad.account_secret());
  Refused("an account secret", person_.Call(&Accounts::SetAccountSecret, bad));

  v1::BatchValidateSessionsRequest batch;
  batch.add_session_tokens(person_.token());
  EXPECT_TRUE(person_.Call(&Sessions::BatchValidateSessions, batch).ok());
  v1::RevokeSessionRequest revoke;
  revoke.set_session_token(person_.token());
  EXPECT_TRUE(person_.Call(&Sessions::RevokeSession, revoke).ok());
  Refused("a dead token", person_.Validate());
}

void CanaryTest::TellTheStory() {
  Keys(service_.server().keyring());
  Token("the administrator's token", service_.administrator().token());
  Token("the operator's token", service_.national_operator().token());
  const auto created =
      service_.administrator().Call(&Accounts::CreateAccount, service_.NewAccount(kUsername));
  ASSERT_TRUE(created.ok()) << created;
  person_id_ = created->account().account_id();
  Secret("the first temporary password", created->temporary_password());
  ASSERT_NO_FATAL_FAILURE(UseAnApp(SignInAndComplete(created->temporary_password())));
  ASSERT_NO_FATAL_FAILURE(Secure());
  BeRefused();
}

void CanaryTest::LookEverywhere() {
  left_behind_["the metrics"] = MetricsPage(service_.server().metrics_address());
  const harness::RedisProcess& redis = service_.redis();
  std::string everything;
  for (const absl::string_view key : absl::StrSplit(redis.Command({"KEYS", "*"}), '\n')) {
    absl::StrAppend(&everything, key, "\n", redis.Command({"DUMP", std::string(key)}), "\n");
    if (redis.Command({"TYPE", std::string(key)}) == "hash") {
      absl::StrAppend(&everything, redis.Command({"HGETALL", std::string(key)}), "\n");
    }
  }
  left_behind_["Redis"] = everything;
  // Every write since it began, the deleted ones among them.
  Directory(redis.data_directory());
  const std::string database(absl::StripPrefix(service_.server().database(), "sqlite:"));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    left_behind_["SQLite" + std::string(suffix)] = harness::ReadFile(database + suffix);
  }
  EXPECT_TRUE(harness::WaitUntil(
      [&] { return !std::filesystem::is_empty(service_.server().spool() / "directory"); }));
  Directory(service_.server().spool());
  left_behind_["the log"] = service_.server().LogText();
}

TEST_F(CanaryTest, NoSecretOfTheStoryIsLeftAnywhere) {
  ASSERT_NO_FATAL_FAILURE(TellTheStory());
  LookEverywhere();

  // The search does find what may be told, and the log does tell all it can.
  const std::string administrator = service_.administrator().Own()->account().account_id();
  EXPECT_THAT(Find({{"a person's id", person_id_}, {"an administrator's id", administrator}}),
              IsSupersetOf({"a person's id in the log", "a person's id in SQLite-wal",
                            "an administrator's id in Redis"}));
  EXPECT_THAT(left_behind_.at("the log"), HasSubstr("CompleteRequiredActions"));
  EXPECT_THAT(left_behind_.at("the metrics"), HasSubstr("gatehouse_redis_up 1"));

  EXPECT_THAT(Find(secrets_), IsEmpty());
  std::cout << secrets_.size() << " secrets looked for in " << left_behind_.size() << " places"
            << std::endl;
}

}  // namespace
}  // namespace gatehouse::e2e
