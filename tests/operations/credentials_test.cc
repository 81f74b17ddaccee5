// What people do to their own credentials: the password, the secret, the required actions.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "tests/operations/mailbox.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kNewPassword[] = "basalt-orchard-viola-93";

class CredentialsTest : public testing::Test {
 protected:
  absl::StatusOr<v1::ChangePasswordResponse> Change(const std::string& token,
                                                    absl::string_view current,
                                                    absl::string_view next) {
    v1::ChangePasswordRequest request;
    request.set_current_password(std::string(current));
    request.set_new_password(std::string(next));
    return world_.Call(token, ChangePassword, request);
  }

  absl::StatusOr<v1::SetAccountSecretResponse> SetSecret(absl::string_view secret) {
    v1::SetAccountSecretRequest request;
    request.set_password(kPassword);
    request.set_account_secret(std::string(secret));
    return world_.Call(world_.Enter(asha_), SetAccountSecret, request);
  }

  v1::CompleteRequiredActionsRequest Everything() {
    v1::CompleteRequiredActionsRequest request;
    request.mutable_accept_aup()->set_version("2026-12");
    v1::Profile& profile = *request.mutable_profile();
    profile.set_given_name("Asha");
    profile.set_family_name("Patel");
    profile.set_display_name("Asha Patel");
    request.set_account_secret("MOONLITHARBOUR");
    return request;
  }

  // All three that are completed at Save are left to do.
  std::string EnterWithThreeToDo() {
    world_.PublishAup("2026-12");
    world_.Change(asha_, [](storage::AccountRecord& account) {
      account.profile_confirmed_at.reset();
      account.secret = {};
      account.status = v1::ACCOUNT_STATUS_PENDING;
    });
    return world_.Enter(asha_);
  }

  bool Lives(const std::string& token) {
    return Outcome(world_.Call(token, GetAccount, {})) != "UNAUTHENTICATED / SESSION_INVALID";
  }

  // Of which the person was told, oldest first.
  std::vector<std::string> Told() {
    DeliverAll(world_, storage::OutboxChannel::kPeople, mailbox_);
    std::vector<std::string> kinds;
    for (const auto& message : mailbox_.messages) kinds.push_back(message.kind());
    return kinds;
  }

  Mailbox mailbox_;
  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
};

TEST_F(CredentialsTest, AChangedPasswordEndsEveryOtherSessionAndGivesThisOneANewToken) {
  const std::string mine = world_.Enter(asha_, "laptop");
  const std::string other = world_.Enter(asha_, "phone");
  const auto answer = Change(mine, kPassword, kNewPassword);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(Lives(mine));
  EXPECT_FALSE(Lives(other));
  EXPECT_TRUE(Lives(answer->session_token()));
  EXPECT_EQ(answer->session().client().device_label(), "laptop");
  EXPECT_FALSE(world_.SignIn("asha.patel", kNewPassword).empty());
}

TEST_F(CredentialsTest, WhoChangesAPasswordIsToldWhichSystemsWantIt) {
  EXPECT_THAT(Change(world_.Enter(asha_), kPassword, kNewPassword)->effects(),
              ElementsAre(v1::PASSWORD_RESET_EFFECT_PORTAL_PASSWORD));
  EXPECT_EQ(world_.accounts().Transact([&](storage::Transaction& transaction) {
    auto organisation = *transaction.FindOrganisation(riverside_);
    organisation.password_scope = v1::PASSWORD_SCOPE_SEAMLESS;
    return transaction.UpdateOrganisation(organisation);
  }),
            absl::OkStatus());
  EXPECT_THAT(Change(world_.Enter(asha_), kNewPassword, "gravel-lantern-otter-58")->effects(),
              ElementsAre(v1::PASSWORD_RESET_EFFECT_PORTAL_PASSWORD,
                          v1::PASSWORD_RESET_EFFECT_WORKSTATION_PASSWORD));
}

TEST_F(CredentialsTest, WhatIsDemandedSinceWaitsForTheNextSignInAlsoWhenThePasswordIsChanged) {
  const std::string open = world_.Enter(asha_);
  world_.PublishAup("2026-12");
  const auto answer = Change(open, kPassword, kNewPassword);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->session().level(), v1::SESSION_LEVEL_FULL);
  v1::CreateSessionRequest again;
  again.set_username("asha.patel");
  again.set_password(kNewPassword);
  EXPECT_EQ(world_.Call("", CreateSession, again)->session().level(), v1::SESSION_LEVEL_RESTRICTED);
}

TEST_F(CredentialsTest, EveryBrokenPasswordRuleIsToldAtOnce) {
  const auto answer = Change(world_.Enter(asha_), kPassword, "asha");
  const auto failure = FindDetail<google::rpc::PreconditionFailure>(answer.status());
  ASSERT_TRUE(failure.has_value()) << answer.status();
  std::vector<std::string> reasons;
  for (const auto& violation : failure->violations()) reasons.push_back(violation.type());
  EXPECT_THAT(reasons,
              ElementsAre("PASSWORD_TOO_SHORT", "PASSWORD_CONTAINS_NAME", "PASSWORD_COMMON"));
}

TEST_F(CredentialsTest, PasswordLengthsAreTenToAHundredAndTwentyEightCodePoints) {
  const auto of = [](size_t length) {
    return ("k3)vL!0qpZx9" + std::string(128, '~')).substr(0, length);
  };
  const std::string token = world_.Enter(asha_);
  EXPECT_EQ(Outcome(Change(token, kPassword, of(9))), "FAILED_PRECONDITION / PASSWORD_TOO_SHORT");
  EXPECT_EQ(Outcome(Change(token, kPassword, of(129))), "FAILED_PRECONDITION / PASSWORD_TOO_LONG");
  EXPECT_EQ(Outcome(Change(token, kPassword, of(10))), "OK");
  EXPECT_EQ(Outcome(Change(world_.Enter(asha_), of(10), of(128))), "OK");
}

TEST_F(CredentialsTest, ThePreviousFourPasswordsMayNotReturnAndTheFifthMay) {
  std::string current = kPassword;
  for (int i = 1; i <= 4; ++i) {
    const std::string next = "cobalt-linen-marsh-" + std::to_string(i);
    ASSERT_EQ(Outcome(Change(world_.Enter(asha_), current, next)), "OK");
    current = next;
    const bool may_return = i >= 4;
    v1::ChangePasswordRequest request;
    request.set_current_password(current);
    request.set_new_password(kPassword);
    if (!may_return) {
      EXPECT_EQ(Outcome(world_.Call(world_.Enter(asha_), ChangePassword, request)),
                "FAILED_PRECONDITION / PASSWORD_REUSED")
          << "after " << i;
    }
  }
  EXPECT_EQ(Outcome(Change(world_.Enter(asha_), current, kPassword)), "OK");
}

TEST_F(CredentialsTest, ASecretObeysEachOfItsRules) {
  const struct {
    const char* secret;
    const char* outcome;
  } cases[] = {
      {"ABCDEFGH", "FAILED_PRECONDITION / SECRET_TOO_SHORT"},
      {"HARBOUR LIGHT", "FAILED_PRECONDITION / SECRET_NOT_LETTERS"},
      {"HARBOURL1GHT", "FAILED_PRECONDITION / SECRET_NOT_LETTERS"},
      {"ashapatel", "FAILED_PRECONDITION / SECRET_IS_NAME"},
      {"riversidetrust", "FAILED_PRECONDITION / SECRET_IS_ORGANISATION"},
      {"ABCDEFGHI", "OK"},
      {"abcdefghi", "FAILED_PRECONDITION / SECRET_REUSED"},
  };
  for (const auto& [secret, outcome] : cases)
    EXPECT_EQ(Outcome(SetSecret(secret)), outcome) << secret;
  EXPECT_EQ(Outcome(SetSecret(std::string(65, 'Q'))), "FAILED_PRECONDITION / SECRET_TOO_LONG");
  EXPECT_EQ(Outcome(SetSecret(std::string(64, 'Q'))), "OK");
}

TEST_F(CredentialsTest, TheFiveFormerSecretsMayNotReturnAndTheSixthMay) {
  ASSERT_EQ(Outcome(SetSecret("FIRSTSECRET")), "OK");
  for (const char* secret : {"HARBOURAAA", "HARBOURBBB", "HARBOURCCC", "HARBOURDDD"}) {
    ASSERT_EQ(Outcome(SetSecret(secret)), "OK");
    EXPECT_EQ(Outcome(SetSecret("FIRSTSECRET")), "FAILED_PRECONDITION / SECRET_REUSED");
  }
  ASSERT_EQ(Outcome(SetSecret("HARBOUREEE")), "OK");
  EXPECT_EQ(Outcome(SetSecret("FIRSTSECRET")), "OK");
}

TEST_F(CredentialsTest, ThePersonIsToldOfANewSecretHoweverItWasSet) {
  ASSERT_EQ(Outcome(SetSecret("HARBOURLIGHT")), "OK");
  EXPECT_THAT(Told(), ElementsAre("ACCOUNT_SECRET_CHANGED"));
  ASSERT_EQ(Outcome(SetSecret("HARBOURLIGHT")), "FAILED_PRECONDITION / SECRET_REUSED");
  EXPECT_THAT(Told(), ElementsAre("ACCOUNT_SECRET_CHANGED"));
  const std::string restricted = EnterWithThreeToDo();
  ASSERT_EQ(Outcome(world_.Call(restricted, CompleteRequiredActions, Everything())), "OK");
  EXPECT_THAT(Told(), ElementsAre("ACCOUNT_SECRET_CHANGED", "ACCOUNT_SECRET_CHANGED"));
}

TEST_F(CredentialsTest, SettingASecretRetiresTheSecurityQuestions) {
  world_.Change(asha_,
                [](storage::AccountRecord& account) { account.has_security_questions = true; });
  ASSERT_EQ(Outcome(SetSecret("HARBOURLIGHT")), "OK");
  EXPECT_FALSE(world_.Find(asha_).has_security_questions);
}

TEST_F(CredentialsTest, CompletingEverythingMakesTheSessionFullUnderANewToken) {
  const std::string restricted = EnterWithThreeToDo();
  const auto answer = world_.Call(restricted, CompleteRequiredActions, Everything());
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->session().level(), v1::SESSION_LEVEL_FULL);
  EXPECT_THAT(answer->session().required_actions(), IsEmpty());
  EXPECT_FALSE(Lives(restricted));
  EXPECT_EQ(Outcome(world_.Call(answer->session_token(), GetAccount, {})), "OK");
  EXPECT_EQ(world_.Find(asha_).status, v1::ACCOUNT_STATUS_ACTIVE);
  EXPECT_EQ(world_.Find(asha_).aup_version, "2026-12");
}

TEST_F(CredentialsTest, WhatIsSavedTogetherIsSavedWhollyOrNotAtAll) {
  const std::string token = EnterWithThreeToDo();
  const std::string before = world_.Everything();
  v1::CompleteRequiredActionsRequest request = Everything();
  request.clear_account_secret();
  EXPECT_EQ(Outcome(world_.Call(token, CompleteRequiredActions, request)),
            "FAILED_PRECONDITION / ACTION_MISSING");
  request = Everything();
  request.set_account_secret("SHORT");
  EXPECT_EQ(Outcome(world_.Call(token, CompleteRequiredActions, request)),
            "FAILED_PRECONDITION / SECRET_TOO_SHORT");
  request = Everything();
  request.mutable_accept_aup()->set_version("2026-11");
  EXPECT_EQ(Outcome(world_.Call(token, CompleteRequiredActions, request)),
            "FAILED_PRECONDITION / AUP_VERSION_NOT_CURRENT");
  EXPECT_EQ(world_.Everything(), before);
}

TEST_F(CredentialsTest, TheSecretIsComparedWithTheNameThatIsSavedWithIt) {
  const std::string token = EnterWithThreeToDo();
  v1::CompleteRequiredActionsRequest request = Everything();
  request.mutable_profile()->set_family_name("Moonlit Harbour");
  EXPECT_EQ(Outcome(world_.Call(token, CompleteRequiredActions, request)),
            "FAILED_PRECONDITION / SECRET_IS_NAME");
}

TEST_F(CredentialsTest, NothingIsCompletedBeforeTheTemporaryPasswordIsChanged) {
  EnterWithThreeToDo();
  world_.Change(asha_,
                [](storage::AccountRecord& account) { account.password.must_change = true; });
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(asha_), CompleteRequiredActions, Everything())),
            "FAILED_PRECONDITION / ACTION_OUT_OF_ORDER");
}

TEST_F(CredentialsTest, WhoeverIsLockedMeanwhileCompletesNothingAndIsToldWhy) {
  const std::string token = EnterWithThreeToDo();
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  const std::string before = world_.Everything();
  EXPECT_EQ(Outcome(world_.Call(token, CompleteRequiredActions, Everything())),
            "FAILED_PRECONDITION / ACCOUNT_LOCKED");
  EXPECT_EQ(world_.Everything(), before);
}

TEST_F(CredentialsTest, AFullSessionHasNothingToComplete) {
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(asha_), CompleteRequiredActions, Everything())),
            "FAILED_PRECONDITION / ACTION_NOT_PENDING");
}

TEST_F(CredentialsTest, ASecondRestrictedSessionCompletesNothingAgain) {
  const std::string first = EnterWithThreeToDo();
  const std::string second = world_.Enter(asha_);
  ASSERT_EQ(Outcome(world_.Call(first, CompleteRequiredActions, Everything())), "OK");
  v1::CompleteRequiredActionsRequest other = Everything();
  other.set_account_secret("ANOTHERSECRET");
  EXPECT_EQ(Outcome(world_.Call(second, CompleteRequiredActions, other)),
            "FAILED_PRECONDITION / ACTION_NOT_PENDING");
}

TEST_F(CredentialsTest, AWrongPasswordLearnsNothingAboutSecrets) {
  ASSERT_EQ(Outcome(SetSecret("HARBOURLIGHT")), "OK");
  v1::SetAccountSecretRequest request;
  request.set_password("not it");
  request.set_account_secret("HARBOURLIGHT");
  const auto answer = world_.Call(world_.Enter(asha_), SetAccountSecret, request);
  EXPECT_EQ(Outcome(answer), "FAILED_PRECONDITION / PASSWORD_WRONG");
  EXPECT_EQ(FindDetail<google::rpc::PreconditionFailure>(answer.status())->violations_size(), 1);
}

TEST_F(CredentialsTest, GuessesInSessionsCountAgainstTheAddressTheyWereOpenedFrom) {
  for (const char* username : {"a.one", "b.two", "c.three"}) {
    const std::string token = world_.Enter(world_.AddPerson(riverside_, username));
    for (int guess = 0; guess < 10; ++guess) {
      EXPECT_EQ(Outcome(Change(token, "not it", kNewPassword)),
                "FAILED_PRECONDITION / PASSWORD_WRONG");
    }
  }
  EXPECT_EQ(Outcome(Change(world_.Enter(asha_), kPassword, kNewPassword)),
            "RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS");
  world_.Advance(absl::Minutes(10) + absl::Microseconds(1));
  EXPECT_EQ(Outcome(Change(world_.Enter(asha_), kPassword, kNewPassword)), "OK");
}

TEST_F(CredentialsTest, CompletionEndsTheTimeAfterAResecure) {
  const std::string token = EnterWithThreeToDo();
  world_.Change(
      asha_, [&](storage::AccountRecord& account) { account.resecured_at = world_.clock().Now(); });
  ASSERT_EQ(Outcome(world_.Call(token, CompleteRequiredActions, Everything())), "OK");
  EXPECT_FALSE(world_.Find(asha_).resecured_at.has_value());
}

// As where what was left is not demanded any more: a role was withdrawn, a parameter changed.
TEST_F(CredentialsTest, ASignInThatNothingIsLeftToDoForEndsTheTimeAfterAResecureToo) {
  world_.Change(
      asha_, [&](storage::AccountRecord& account) { account.resecured_at = world_.clock().Now(); });
  v1::CreateSessionRequest request;
  request.set_username("asha.patel");
  request.set_password(kPassword);
  const auto answer = world_.Call("", CreateSession, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->session().level(), v1::SESSION_LEVEL_FULL);
  EXPECT_FALSE(world_.Find(asha_).resecured_at.has_value());
}

}  // namespace
}  // namespace gatehouse::server
