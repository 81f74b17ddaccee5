// The main story (design/api.md), sentence by sentence, through the real binary over the wire, on a
// real Redis and SQLite. Each function is one sentence of it, in its order.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/audit_service.grpc.pb.h"
#include "gatehouse/v1/organisation_service.grpc.pb.h"
#include "tests/e2e/actor.h"
#include "tests/harness/authenticator.h"
#include "tests/harness/redis_process.h"
#include "tests/harness/server_process.h"

namespace gatehouse::e2e {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

using Accounts = v1::AccountService::Stub;
using Organisations = v1::OrganisationService::Stub;
using Sessions = v1::SessionService::Stub;

constexpr char kAupVersion[] = "2026-11";
constexpr char kOperatorPassword[] = "walrus-lantern-quarry-17";
constexpr char kAdministratorPassword[] = "granite-teapot-meadow-41";
constexpr char kFirstPassword[] = "velvet-harbour-juniper-63";
constexpr char kSecondPassword[] = "copper-island-saddle-29";
constexpr char kSecret[] = "marmalade";
constexpr auto kRegister = v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD;
constexpr auto kApp = v1::AUTHENTICATION_METHOD_KIND_TOTP;

class MainStoryTest : public ::testing::Test {
 protected:
  Actor NewActor() const { return Actor(server_.NewChannel()); }

  void AnOperatorBootstrapsAndSignsIn() {
    const auto bootstrapped = server_.Bootstrap("National Service", "op.root");
    server_.Start();
    const auto signed_in = operator_.SignIn("op.root", bootstrapped.temporary_password);
    ASSERT_TRUE(signed_in.ok()) << signed_in;
    EXPECT_EQ(signed_in->session().level(), v1::SESSION_LEVEL_RESTRICTED);
    EXPECT_EQ(signed_in->session().required_actions(0), v1::REQUIRED_ACTION_CHANGE_PASSWORD);

    v1::PublishAcceptableUsePolicyRequest publish = FirstAup();
    EXPECT_EQ(operator_.Call(&Organisations::PublishAcceptableUsePolicy, publish).reason(),
              "SESSION_RESTRICTED")
        << "the temporary password must be changed first";
    const auto changed =
        operator_.ChangePassword(bootstrapped.temporary_password, kOperatorPassword);
    ASSERT_TRUE(changed.ok()) << changed;
  }

  void TheOperatorPublishesTheFirstAupAndCompletes() {
    const auto published = operator_.Call(&Organisations::PublishAcceptableUsePolicy, FirstAup());
    ASSERT_TRUE(published.ok()) << published;
    v1::PublishAcceptableUsePolicyRequest second = FirstAup();
    second.set_version("2026-12");
    EXPECT_EQ(operator_.Call(&Organisations::PublishAcceptableUsePolicy, second).reason(),
              "SESSION_RESTRICTED")
        << "only the very first one is open to a RESTRICTED session";
    const auto completed =
        operator_.Complete(kAupVersion, ProfileOf("Olive", "Root"), "rhododendron");
    ASSERT_TRUE(completed.ok()) << completed;
    EXPECT_THAT(completed->session().required_actions(), ElementsAre(kRegister));
    const auto registered = operator_.RegisterApp(kOperatorPassword);
    ASSERT_TRUE(registered.ok()) << registered;
    EXPECT_EQ(registered->session().level(), v1::SESSION_LEVEL_FULL);
  }

  void TheOperatorCreatesRiversideTrustAndItsAdministrator() {
    v1::CreateOrganisationRequest organisation;
    organisation.set_display_name("Riverside Trust");
    organisation.set_password_scope(v1::PASSWORD_SCOPE_SEAMLESS);
    const auto created = operator_.Call(&Organisations::CreateOrganisation, organisation);
    ASSERT_TRUE(created.ok()) << created;
    organisation_id_ = created->organisation().organisation_id();

    const auto account =
        operator_.Call(&Accounts::CreateAccount, NewAccount("la.riverside", "Lena", "Abara"));
    ASSERT_TRUE(account.ok()) << account;
    administrator_temporary_ = account->temporary_password();
    v1::GrantRoleRequest grant;
    grant.set_account_id(account->account().account_id());
    grant.set_role(v1::ROLE_LOCAL_ADMIN);
    grant.set_organisation_id(organisation_id_);
    const auto granted = operator_.Call(&Accounts::GrantRole, grant);
    ASSERT_TRUE(granted.ok()) << granted;
  }

  void TheAdministratorSignsInCompletesAndRegistersAnApp() {
    ASSERT_TRUE(administrator_.SignIn("la.riverside", administrator_temporary_).ok());
    ASSERT_TRUE(
        administrator_.ChangePassword(administrator_temporary_, kAdministratorPassword).ok());
    EXPECT_EQ(
        administrator_.Call(&Accounts::CreateAccount, NewAccount("asha.patel", "Asha", "Patel"))
            .reason(),
        "SESSION_RESTRICTED")
        << "a RESTRICTED session reaches only what completes its actions";
    const auto completed =
        administrator_.Complete(kAupVersion, ProfileOf("Lena", "Abara"), "pomegranate");
    ASSERT_TRUE(completed.ok()) << completed;
    EXPECT_EQ(completed->session().level(), v1::SESSION_LEVEL_RESTRICTED)
        << "administrators need a second factor";
    const auto early =
        administrator_.Call(&Accounts::CreateAccount, NewAccount("asha.patel", "Asha", "Patel"));
    EXPECT_EQ(early.reason(), "SESSION_RESTRICTED");
    ASSERT_TRUE(early.refusal.decision.has_value()) << early;
    EXPECT_EQ(early.refusal.decision->violations(0).mends(0).operation(),
              "RegisterAuthenticationMethod");
    const auto registered = administrator_.RegisterApp(kAdministratorPassword);
    ASSERT_TRUE(registered.ok()) << registered;
    EXPECT_EQ(registered->session().level(), v1::SESSION_LEVEL_FULL);
    EXPECT_FALSE(registered->recovery_codes().empty());
  }

  void TheAdministratorSignsInWithACodeAndCreatesAPerson() {
    const harness::Authenticator app = administrator_.app().value();
    administrator_ = NewActor();
    const auto asked = administrator_.SignIn("la.riverside", kAdministratorPassword);
    ASSERT_TRUE(asked->has_second_factor()) << asked;
    EXPECT_EQ(asked->session_token(), "");
    EXPECT_EQ(administrator_.Prove(asked->second_factor(), kApp, "no code").reason(),
              "CODE_INVALID");
    const auto proven = administrator_.Prove(asked->second_factor(), kApp, NextCode(app));
    ASSERT_TRUE(proven.ok()) << proven;
    EXPECT_EQ(proven->session().level(), v1::SESSION_LEVEL_FULL);

    const auto person =
        administrator_.Call(&Accounts::CreateAccount, NewAccount("asha.patel", "Asha", "Patel"));
    ASSERT_TRUE(person.ok()) << person;
    EXPECT_EQ(person->account().state(), v1::ACCOUNT_STATE_PENDING);
    person_id_ = person->account().account_id();
    person_temporary_ = person->temporary_password();
  }

  void ThePersonSignsInCompletesAndWorksOnThreeDevices() {
    Actor person = NewActor();
    const auto signed_in = person.SignIn("asha.patel", person_temporary_);
    ASSERT_TRUE(signed_in.ok()) << signed_in;
    EXPECT_THAT(
        signed_in->session().required_actions(),
        ElementsAre(v1::REQUIRED_ACTION_CHANGE_PASSWORD, v1::REQUIRED_ACTION_ACCEPT_AUP,
                    v1::REQUIRED_ACTION_UPDATE_PROFILE, v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET));
    ASSERT_TRUE(person.ChangePassword(person_temporary_, kFirstPassword).ok());
    const auto completed = person.Complete(kAupVersion, ProfileOf("Asha", "Patel"), kSecret);
    ASSERT_TRUE(completed.ok()) << completed;
    EXPECT_EQ(completed->session().level(), v1::SESSION_LEVEL_FULL);
    EXPECT_EQ(person.Own()->account().state(), v1::ACCOUNT_STATE_ACTIVE);

    for (const char* device : {"Chrome on Windows", "Outlook on iPhone", "Ward 7 kiosk"}) {
      Actor session = NewActor();
      ASSERT_TRUE(session.SignIn("asha.patel", kFirstPassword, device).ok());
      EXPECT_TRUE(session.Validate().ok());
      EXPECT_TRUE(session.Own().ok());
      sessions_.push_back(session);
    }
    sessions_.push_back(person);
  }

  void TheConsoleAsksAndTheAdministratorResecures() {
    v1::CheckEligibilityRequest question;
    question.set_account_id(person_id_);
    question.add_actions(v1::ACTION_RESECURE_ACCOUNT);
    const auto eligibility = administrator_.Call(&Accounts::CheckEligibility, question);
    ASSERT_TRUE(eligibility.ok()) << eligibility;
    EXPECT_TRUE(eligibility->results(0).decision().allowed()) << eligibility;

    const auto resecured =
        administrator_.Call(&Accounts::ResecureAccount,
                            Attested<v1::ResecureAccountRequest>(person_id_, "secret forgotten"));
    ASSERT_TRUE(resecured.ok()) << resecured;
    std::vector<v1::ResecureStepKind> steps;
    for (const v1::ResecureStep& step : resecured->receipt().steps()) steps.push_back(step.kind());
    EXPECT_THAT(steps,
                ElementsAre(v1::RESECURE_STEP_KIND_PASSWORD_RESET, v1::RESECURE_STEP_KIND_AUP_RESET,
                            v1::RESECURE_STEP_KIND_ACCOUNT_SECRET_RESET,
                            v1::RESECURE_STEP_KIND_SESSIONS_REVOKED));
    EXPECT_EQ(resecured->receipt().revocation().sessions_revoked(),
              static_cast<int>(sessions_.size()));
    EXPECT_GT(resecured->receipt().audit_sequence(), 0);
    resecured_password_ = resecured->temporary_password();
  }

  void AllSessionsAreRefusedEverywhereAndTheOldPasswordFails() {
    for (const Actor& session : sessions_) {
      EXPECT_EQ(session.Validate().reason(), "SESSION_INVALID");
      EXPECT_EQ(session.Own().reason(), "SESSION_INVALID");
    }
    v1::BatchValidateSessionsRequest batch;
    for (const Actor& session : sessions_) batch.add_session_tokens(session.token());
    const auto validated = NewActor().Call(&Sessions::BatchValidateSessions, batch);
    ASSERT_TRUE(validated.ok()) << validated;
    for (const auto& result : validated->results()) {
      EXPECT_EQ(result.reason(), v1::ERROR_REASON_SESSION_INVALID);
    }
    const auto old = NewActor().SignIn("asha.patel", kFirstPassword);
    EXPECT_EQ(old.reason(), "INVALID_CREDENTIALS");
    EXPECT_EQ(old.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  }

  void TheTemporaryPasswordGivesARestrictedSession() {
    const auto signed_in = person_.SignIn("asha.patel", resecured_password_);
    ASSERT_TRUE(signed_in.ok()) << signed_in;
    EXPECT_EQ(signed_in->session().level(), v1::SESSION_LEVEL_RESTRICTED);
    EXPECT_THAT(
        signed_in->session().required_actions(),
        ElementsAre(v1::REQUIRED_ACTION_CHANGE_PASSWORD, v1::REQUIRED_ACTION_ACCEPT_AUP,
                    v1::REQUIRED_ACTION_UPDATE_PROFILE, v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET));
  }

  void ASecondResecureIsRefusedWithItsWaysOut() {
    const auto refused = administrator_.Call(
        &Accounts::ResecureAccount, Attested<v1::ResecureAccountRequest>(person_id_, "once more"));
    EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(refused.reason(), "AUP_NOT_ACCEPTED");
    ASSERT_TRUE(refused.refusal.decision.has_value()) << refused;
    const v1::Violation& violation = refused.refusal.decision->violations(0);
    std::vector<std::pair<v1::MendBy, std::string>> mends;
    for (const v1::Mend& mend : violation.mends()) mends.emplace_back(mend.by(), mend.operation());
    EXPECT_THAT(mends,
                Contains(std::pair(v1::MEND_BY_SELF, std::string("CompleteRequiredActions"))));
    EXPECT_TRUE(std::ranges::any_of(
        mends, [](const auto& mend) { return mend.second == "ResetPassword"; }));
    v1::ResetPasswordRequest way_out =
        Attested<v1::ResetPasswordRequest>(person_id_, "is it open?");
    way_out.set_validate_only(true);
    EXPECT_TRUE(administrator_.Call(&Accounts::ResetPassword, way_out).ok());
  }

  void AfterCompletionThePersonWorksAgainAndTheOldSecretIsRefused() {
    ASSERT_TRUE(person_.ChangePassword(resecured_password_, kSecondPassword).ok());
    const auto reused = person_.Complete(kAupVersion, ProfileOf("Asha", "Patel"), kSecret);
    EXPECT_EQ(reused.reason(), "SECRET_REUSED") << reused;
    EXPECT_EQ(person_.Validate()->session().level(), v1::SESSION_LEVEL_RESTRICTED)
        << "all or nothing";
    const auto completed =
        person_.Complete(kAupVersion, ProfileOf("Asha", "Patel"), "butterscotch");
    ASSERT_TRUE(completed.ok()) << completed;
    EXPECT_EQ(completed->session().level(), v1::SESSION_LEVEL_FULL);
    EXPECT_TRUE(person_.Own().ok());
  }

  void ThePersonRegistersAnAppTooAndIsAskedForItFromThenOn() {
    const auto registered = person_.RegisterApp(kSecondPassword);
    ASSERT_TRUE(registered.ok()) << registered;
    EXPECT_FALSE(registered->has_session()) << "a FULL session goes on";
    EXPECT_TRUE(person_.Validate().ok());
    Actor again = NewActor();
    const auto asked = again.SignIn("asha.patel", kSecondPassword);
    ASSERT_TRUE(asked->has_second_factor()) << asked;
    const auto proven = again.Prove(asked->second_factor(), kApp, NextCode(person_.app().value()));
    ASSERT_TRUE(proven.ok()) << proven;
    EXPECT_TRUE(again.Own().ok());
  }

  void TheAuditTellsAllOfIt() {
    v1::ListAuditEventsRequest request;
    request.set_organisation_id(organisation_id_);
    request.set_page_size(1000);
    const auto log = operator_.Call(&v1::AuditService::Stub::ListAuditEvents, request);
    ASSERT_TRUE(log.ok()) << log;
    std::vector<std::pair<v1::Action, v1::AuditOutcome>> told;
    int64_t expected = log->events_size();
    for (const v1::AuditEvent& event : log->events()) {
      EXPECT_EQ(event.sequence(), expected--) << "a gap";
      told.emplace_back(event.action(), event.outcome());
    }
    const auto succeeded = [](v1::Action action) {
      return std::pair(action, v1::AUDIT_OUTCOME_SUCCEEDED);
    };
    EXPECT_THAT(
        told, IsSupersetOf({succeeded(v1::ACTION_CREATE_ACCOUNT), succeeded(v1::ACTION_GRANT_ROLE),
                            succeeded(v1::ACTION_CHANGE_PASSWORD),
                            succeeded(v1::ACTION_COMPLETE_REQUIRED_ACTIONS),
                            succeeded(v1::ACTION_CONFIRM_AUTHENTICATION_METHOD),
                            succeeded(v1::ACTION_ANSWER_SECOND_FACTOR),
                            std::pair(v1::ACTION_ANSWER_SECOND_FACTOR, v1::AUDIT_OUTCOME_DENIED),
                            succeeded(v1::ACTION_RESECURE_ACCOUNT),
                            std::pair(v1::ACTION_RESECURE_ACCOUNT, v1::AUDIT_OUTCOME_DENIED)}));
    EXPECT_EQ(std::ranges::count(told, succeeded(v1::ACTION_RESECURE_ACCOUNT)), 1);
  }

 private:
  static v1::PublishAcceptableUsePolicyRequest FirstAup() {
    v1::PublishAcceptableUsePolicyRequest request;
    request.set_version(kAupVersion);
    request.set_document_uri("https://example.org/aup/2026-11");
    request.set_document_sha256(std::string(64, 'a'));
    return request;
  }

  // Of the step after the present one, which the server takes too: this step's was used to
  // register.
  static std::string NextCode(const harness::Authenticator& app) {
    return app.CodeAt(absl::Now() + absl::Seconds(30));
  }

  v1::CreateAccountRequest NewAccount(const std::string& username, const std::string& given_name,
                                      const std::string& family_name) const {
    v1::CreateAccountRequest request;
    request.set_organisation_id(organisation_id_);
    request.set_username(username);
    *request.mutable_profile() = ProfileOf(given_name, family_name);
    return request;
  }

  harness::RedisProcess redis_;
  harness::ServerProcess server_{{.redis = redis_.url()}};
  Actor operator_ = NewActor();
  Actor administrator_ = NewActor();
  Actor person_ = NewActor();
  std::vector<Actor> sessions_;
  std::string organisation_id_;
  std::string administrator_temporary_;
  std::string person_id_;
  std::string person_temporary_;
  std::string resecured_password_;
};

TEST_F(MainStoryTest, RunsAsWritten) {
  ASSERT_NO_FATAL_FAILURE(AnOperatorBootstrapsAndSignsIn());
  ASSERT_NO_FATAL_FAILURE(TheOperatorPublishesTheFirstAupAndCompletes());
  ASSERT_NO_FATAL_FAILURE(TheOperatorCreatesRiversideTrustAndItsAdministrator());
  ASSERT_NO_FATAL_FAILURE(TheAdministratorSignsInCompletesAndRegistersAnApp());
  ASSERT_NO_FATAL_FAILURE(TheAdministratorSignsInWithACodeAndCreatesAPerson());
  ASSERT_NO_FATAL_FAILURE(ThePersonSignsInCompletesAndWorksOnThreeDevices());
  ASSERT_NO_FATAL_FAILURE(TheConsoleAsksAndTheAdministratorResecures());
  ASSERT_NO_FATAL_FAILURE(AllSessionsAreRefusedEverywhereAndTheOldPasswordFails());
  ASSERT_NO_FATAL_FAILURE(TheTemporaryPasswordGivesARestrictedSession());
  ASSERT_NO_FATAL_FAILURE(ASecondResecureIsRefusedWithItsWaysOut());
  ASSERT_NO_FATAL_FAILURE(AfterCompletionThePersonWorksAgainAndTheOldSecretIsRefused());
  ASSERT_NO_FATAL_FAILURE(ThePersonRegistersAnAppTooAndIsAskedForItFromThenOn());
  ASSERT_NO_FATAL_FAILURE(TheAuditTellsAllOfIt());
}

}  // namespace
}  // namespace gatehouse::e2e
