// What administrators do to other people's accounts, resecuring apart.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;

class AdministrationTest : public testing::Test {
 protected:
  template <typename Request>
  Request About(const storage::AccountId& target) {
    Request request;
    request.set_account_id(target.value());
    request.set_reason("password forgotten");
    request.mutable_identity_check()->mutable_attestation()->set_kind(
        v1::ATTESTATION_KIND_DOCUMENT);
    return request;
  }

  v1::CreateAccountRequest NewPerson(absl::string_view username) {
    v1::CreateAccountRequest request;
    request.set_organisation_id(riverside_.value());
    request.set_username(std::string(username));
    request.mutable_profile()->set_given_name("Sam");
    request.mutable_profile()->set_family_name("Osei");
    request.mutable_profile()->set_display_name("Sam Osei");
    return request;
  }

  template <typename Request>
  Request Role(const storage::AccountId& target, v1::Role role) {
    Request request;
    request.set_account_id(target.value());
    request.set_role(role);
    return request;
  }

  void Lock(const storage::AccountId& id) {
    world_.Change(
        id, [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const storage::AccountId helpdesk_ =
      world_.AddPerson(riverside_, "help.desk", v1::ROLE_LOCAL_HELPDESK);
  const storage::AccountId admin_ =
      world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const storage::AccountId primary_ =
      world_.AddPerson(riverside_, "pla.riverside", v1::ROLE_PRIMARY_LOCAL_ADMIN);
};

TEST_F(AdministrationTest, ANewAccountIsPendingWithEverythingToDo) {
  const auto answer = world_.Call(world_.Enter(admin_), CreateAccount, NewPerson("sam.osei"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->account().status(), v1::ACCOUNT_STATUS_PENDING);
  EXPECT_THAT(
      answer->account().required_actions(),
      ElementsAre(v1::REQUIRED_ACTION_CHANGE_PASSWORD, v1::REQUIRED_ACTION_ACCEPT_AUP,
                  v1::REQUIRED_ACTION_UPDATE_PROFILE, v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET));
  EXPECT_FALSE(world_.SignIn("sam.osei", answer->temporary_password()).empty());
}

TEST_F(AdministrationTest, LookAlikeUsernamesAreOneAndAreNeverGivenOutTwice) {
  const std::string token = world_.Enter(admin_);
  ASSERT_EQ(Outcome(world_.Call(token, CreateAccount, NewPerson("sam.osei"))), "OK");
  for (const char* alike : {"sam.osei", "SAM.OSEI", "\uff53am.osei"}) {
    EXPECT_EQ(Outcome(world_.Call(token, CreateAccount, NewPerson(alike))),
              "ALREADY_EXISTS / USERNAME_TAKEN")
        << alike;
  }
  for (const char* wrong : {"sam..osei", ".sam", "sam.", "sa", "sam osei", "s\u0430m.osei"}) {
    EXPECT_THAT(FaultyFields(world_.Call(token, CreateAccount, NewPerson(wrong)).status()),
                ElementsAre("username"))
        << wrong;
  }
}

TEST_F(AdministrationTest, AccountsAreCreatedInTheOwnOrganisationOnly) {
  v1::CreateAccountRequest elsewhere = NewPerson("sam.osei");
  elsewhere.set_organisation_id(hilltop_.value());
  v1::CreateAccountRequest nowhere = NewPerson("sam.osei");
  nowhere.set_organisation_id("AAAAAAAAAAAAAAAAAAAAAA");
  const std::string token = world_.Enter(admin_);
  EXPECT_EQ(world_.Call(token, CreateAccount, elsewhere).status(),
            world_.Call(token, CreateAccount, nowhere).status());
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(helpdesk_), CreateAccount, NewPerson("sam.osei"))),
            "PERMISSION_DENIED / NOT_PERMITTED");
}

TEST_F(AdministrationTest, AResetGivesATemporaryPasswordAndKeepsAupSecretAndLock) {
  const std::string session = world_.Enter(asha_);
  Lock(asha_);
  const auto answer =
      world_.Call(world_.Enter(helpdesk_), ResetPassword, About<v1::ResetPasswordRequest>(asha_));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->revocation().sessions_revoked(), 1);
  EXPECT_EQ(Outcome(world_.Call(session, GetAccount, {})), "UNAUTHENTICATED / SESSION_INVALID");
  const storage::AccountRecord asha = world_.Find(asha_);
  EXPECT_TRUE(asha.locked_at.has_value());
  EXPECT_FALSE(asha.aup_version.empty());
  EXPECT_FALSE(asha.secret.ciphertext.empty());

  auto unlocking = About<v1::ResetPasswordRequest>(asha_);
  unlocking.set_unlock(true);
  const auto again = world_.Call(world_.Enter(helpdesk_), ResetPassword, unlocking);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(world_.SignIn("asha.patel", again->temporary_password()).empty());
}

TEST_F(AdministrationTest, AResetIsTheWayOutWhileTheAupIsUnaccepted) {
  world_.Change(asha_, [](storage::AccountRecord& account) { account.aup_version.clear(); });
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(helpdesk_), ResetPassword,
                                About<v1::ResetPasswordRequest>(asha_))),
            "OK");
}

TEST_F(AdministrationTest, AResetNeedNotForceAChange) {
  auto request = About<v1::ResetPasswordRequest>(asha_);
  request.set_require_password_change(false);
  const auto answer = world_.Call(world_.Enter(admin_), ResetPassword, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->account().required_actions_size(), 0);
}

TEST_F(AdministrationTest, UnlockingClearsTheLockAndTheCountAndNothingElse) {
  const auto unlock = [&] {
    return world_.Call(world_.Enter(helpdesk_), UnlockAccount,
                       About<v1::UnlockAccountRequest>(asha_));
  };
  EXPECT_EQ(Outcome(unlock()), "FAILED_PRECONDITION / NOT_LOCKED");
  v1::CreateSessionRequest guess;
  guess.set_username("asha.patel");
  guess.set_password("not it");
  for (int i = 0; i < 13; ++i) ASSERT_FALSE(world_.Call("", CreateSession, guess).ok());
  ASSERT_TRUE(world_.Find(asha_).locked_at.has_value());
  const std::string phc = world_.Find(asha_).password.phc;
  EXPECT_EQ(Outcome(unlock()), "OK");
  EXPECT_EQ(world_.Find(asha_).password.phc, phc);
  for (int i = 0; i < 12; ++i) ASSERT_FALSE(world_.Call("", CreateSession, guess).ok());
  EXPECT_FALSE(world_.Find(asha_).locked_at.has_value()) << "the count began anew";
  EXPECT_FALSE(world_.SignIn("asha.patel", kPassword).empty());
}

TEST_F(AdministrationTest, ARoleHoldsAndIsGoneForTheVeryNextCall) {
  const std::string token = world_.Enter(asha_);
  const auto create = [&](absl::string_view name) {
    return Outcome(world_.Call(token, CreateAccount, NewPerson(name)));
  };
  EXPECT_EQ(create("first.one"), "PERMISSION_DENIED / NOT_PERMITTED");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(primary_), GrantRole,
                                Role<v1::GrantRoleRequest>(asha_, v1::ROLE_LOCAL_ADMIN))),
            "OK");
  EXPECT_EQ(create("second.one"), "OK");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(primary_), WithdrawRole,
                                Role<v1::WithdrawRoleRequest>(asha_, v1::ROLE_LOCAL_ADMIN))),
            "OK");
  EXPECT_EQ(create("third.one"), "PERMISSION_DENIED / NOT_PERMITTED");
}

TEST_F(AdministrationTest, RolesAreGrantedOnceAtHomeAndByWhoMay) {
  const auto grant = [&](const storage::AccountId& actor, v1::Role role,
                         const storage::OrganisationId& where = {}) {
    auto request = Role<v1::GrantRoleRequest>(asha_, role);
    request.set_organisation_id(where.value());
    return Outcome(world_.Call(world_.Enter(actor), GrantRole, request));
  };
  EXPECT_EQ(grant(admin_, v1::ROLE_AUDITOR), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(grant(primary_, v1::ROLE_PRIMARY_LOCAL_ADMIN), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(grant(primary_, v1::ROLE_AUDITOR, hilltop_),
            "FAILED_PRECONDITION / ROLE_OUTSIDE_ORGANISATION");
  EXPECT_EQ(grant(primary_, v1::ROLE_AUDITOR), "OK");
  EXPECT_EQ(grant(primary_, v1::ROLE_AUDITOR), "FAILED_PRECONDITION / ROLE_ALREADY_GRANTED");
  EXPECT_EQ(grant(primary_, v1::ROLE_UNSPECIFIED), "INVALID_ARGUMENT / FIELDS_INVALID");
  EXPECT_EQ(grant(primary_, static_cast<v1::Role>(99)), "INVALID_ARGUMENT / FIELDS_INVALID");
}

TEST_F(AdministrationTest, OnlyTheFieldsOfTheMaskChange) {
  v1::UpdateProfileRequest request;
  request.set_account_id(asha_.value());
  request.mutable_profile()->set_phone_number("+441134960001");
  request.mutable_profile()->set_given_name("Ignored");
  request.mutable_update_mask()->add_paths("phone_number");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(admin_), UpdateProfile, request)), "OK");
  EXPECT_EQ(world_.Find(asha_).profile.phone_number, "+441134960001");
  EXPECT_EQ(world_.Find(asha_).profile.given_name, "Asha");
  request.mutable_update_mask()->add_paths("no_such_field");
  EXPECT_THAT(FaultyFields(world_.Call(world_.Enter(admin_), UpdateProfile, request).status()),
              ElementsAre("update_mask"));
}

TEST_F(AdministrationTest,
       HelpdesksAdministratorsAndWhereItManagesTheNationalServiceHelpByTelephone) {
  const auto managed = world_.AddOrganisation("Managed Practice", /*nas_managed=*/true);
  const auto kim = world_.AddPerson(managed, "kim.managed");
  const auto national = world_.AddPerson(hilltop_, "nas.admin", v1::ROLE_NATIONAL_ADMIN);
  const struct {
    storage::AccountId agent;
    storage::AccountId person;
    std::string outcome;
  } cases[] = {{helpdesk_, asha_, "OK"},
               {admin_, asha_, "OK"},
               {national, kim, "OK"},
               {national, asha_, "PERMISSION_DENIED / NOT_PERMITTED"},
               {helpdesk_, kim, "PERMISSION_DENIED / NOT_PERMITTED"}};
  for (const auto& [agent, person, outcome] : cases) {
    SCOPED_TRACE(world_.Find(agent).username + " for " + world_.Find(person).username);
    Lock(person);
    const std::string token = world_.Enter(agent);
    EXPECT_EQ(Outcome(world_.Call(token, UnlockAccount, About<v1::UnlockAccountRequest>(person))),
              outcome);
    EXPECT_EQ(Outcome(world_.Call(token, ResetPassword, About<v1::ResetPasswordRequest>(person))),
              outcome);
  }
}

TEST_F(AdministrationTest, EligibilityIsWhatTheOperationWouldSay) {
  v1::CheckEligibilityRequest request;
  request.set_account_id(asha_.value());
  request.add_actions(v1::ACTION_RESECURE_ACCOUNT);
  request.add_actions(v1::ACTION_UNLOCK_ACCOUNT);
  request.add_actions(v1::ACTION_CREATE_ORGANISATION);
  const auto answer = world_.Call(world_.Enter(admin_), CheckEligibility, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->results_size(), 3);
  EXPECT_TRUE(answer->results(0).decision().allowed());
  EXPECT_EQ(answer->results(1).decision().violations(0).reason(), v1::ERROR_REASON_NOT_LOCKED);
  EXPECT_EQ(answer->results(2).decision().violations(0).reason(), v1::ERROR_REASON_NOT_PERMITTED);
}

TEST_F(AdministrationTest, EligibilityTellsFromWhenAndWhatIf) {
  v1::CheckEligibilityRequest request;
  request.set_account_id(asha_.value());
  request.add_actions(v1::ACTION_RESECURE_ACCOUNT);
  v1::SupposedFact& locked = *request.add_suppose();
  locked.set_name("account.locked");
  locked.set_value("true");
  const auto answer = world_.Call(world_.Enter(admin_), CheckEligibility, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->results(0).decision().violations(0).reason(), v1::ERROR_REASON_ACCOUNT_LOCKED);

  locked.set_name("account.lokced");
  const auto misspelt = world_.Call(world_.Enter(admin_), CheckEligibility, request).status();
  EXPECT_THAT(FaultyFields(misspelt), ElementsAre("suppose[0]"));
  EXPECT_THAT(std::string(misspelt.message()), testing::HasSubstr("account.locked"));
}

TEST_F(AdministrationTest, ABatchAnswersForeignAndUnknownAccountsAlike) {
  const auto foreign = world_.AddPerson(hilltop_, "kim.hilltop");
  v1::BatchCheckEligibilityRequest request;
  request.add_account_ids(asha_.value());
  request.add_account_ids(foreign.value());
  request.add_account_ids("AAAAAAAAAAAAAAAAAAAAAA");
  request.add_actions(v1::ACTION_RESECURE_ACCOUNT);
  const auto answer = world_.Call(world_.Enter(admin_), BatchCheckEligibility, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->results_size(), 3);
  EXPECT_TRUE(answer->results(0).decision().allowed());
  EXPECT_EQ(answer->results(1).decision().SerializeAsString(),
            answer->results(2).decision().SerializeAsString());
}

}  // namespace
}  // namespace gatehouse::server
