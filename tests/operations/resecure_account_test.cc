// The heart: a resecure takes everything away at once, for whom it may, and says what it did.
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/decision.pb.h"
#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class ResecureAccountTest : public testing::Test {
 protected:
  v1::ResecureAccountRequest Request(const storage::AccountId& target) {
    v1::ResecureAccountRequest request;
    request.set_account_id(target.value());
    request.set_reason("secret forgotten");
    auto& attestation = *request.mutable_identity_check()->mutable_attestation();
    attestation.set_kind(v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
    attestation.set_reference("desk 4");
    return request;
  }

  absl::StatusOr<v1::ResecureAccountResponse> Resecure(const storage::AccountId& actor,
                                                       const v1::ResecureAccountRequest& request) {
    return world_.Call(world_.Enter(actor), ResecureAccount, request);
  }

  absl::StatusOr<v1::CreateSessionResponse> SignIn(absl::string_view password) {
    v1::CreateSessionRequest request;
    request.set_username("asha.patel");
    request.set_password(std::string(password));
    return CreateSession(world_.dependencies(), world_.ContextOf("", request), request);
  }

  bool Lives(const std::string& token) { return world_.Call(token, GetAccount, {}).ok(); }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const storage::AccountId admin_ =
      world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
};

TEST_F(ResecureAccountTest, EverySessionIsOverAndTheOldPasswordFailsBeforeTheAnswer) {
  const std::vector<std::string> tokens = {world_.Enter(asha_), world_.Enter(asha_),
                                           world_.Enter(asha_)};
  const auto answer = Resecure(admin_, Request(asha_));
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (const std::string& token : tokens) EXPECT_FALSE(Lives(token));
  EXPECT_EQ(answer->receipt().revocation().sessions_revoked(), 3);
  EXPECT_GT(answer->receipt().revocation().position(), 0);
  EXPECT_EQ(Outcome(SignIn(kPassword)), "UNAUTHENTICATED / INVALID_CREDENTIALS");
}

TEST_F(ResecureAccountTest, TheTemporaryPasswordGivesARestrictedSessionWithEverythingToDo) {
  const auto answer = Resecure(admin_, Request(asha_));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto session = SignIn(answer->temporary_password());
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->session().level(), v1::SESSION_LEVEL_RESTRICTED);
  EXPECT_THAT(
      session->session().required_actions(),
      ElementsAre(v1::REQUIRED_ACTION_CHANGE_PASSWORD, v1::REQUIRED_ACTION_ACCEPT_AUP,
                  v1::REQUIRED_ACTION_UPDATE_PROFILE, v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET));
}

TEST_F(ResecureAccountTest, TheReceiptNamesEachEffectThePolicyAndTheAuditEvent) {
  const auto answer = Resecure(admin_, Request(asha_));
  ASSERT_TRUE(answer.ok()) << answer.status();
  const v1::ResecureReceipt& receipt = answer->receipt();
  std::vector<v1::ResecureStepKind> kinds;
  for (const v1::ResecureStep& step : receipt.steps()) kinds.push_back(step.kind());
  EXPECT_THAT(kinds,
              ElementsAre(v1::RESECURE_STEP_KIND_PASSWORD_RESET, v1::RESECURE_STEP_KIND_AUP_RESET,
                          v1::RESECURE_STEP_KIND_ACCOUNT_SECRET_RESET,
                          v1::RESECURE_STEP_KIND_SESSIONS_REVOKED));
  const auto events = world_.Audit(riverside_);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(receipt.audit_sequence(), events[0].sequence);
  EXPECT_EQ(receipt.policy_revision(), events[0].policy_revision);
  EXPECT_EQ(events[0].action, "RESECURE_ACCOUNT");
  EXPECT_EQ(events[0].details.at("resecure_id"), receipt.resecure_id());
  EXPECT_EQ(events[0].details.at("attestation_kind"), "KNOWN_IN_PERSON");
  EXPECT_EQ(events[0].details.at("attestation_reference"), "desk 4");
  EXPECT_EQ(events[0].details.at("reason"), "secret forgotten");
}

TEST_F(ResecureAccountTest, ASecondOneIsRefusedWithBothWaysOutUntilOnboardingIsComplete) {
  const auto first = Resecure(admin_, Request(asha_));
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Resecure(admin_, Request(asha_));
  EXPECT_EQ(Outcome(second), "FAILED_PRECONDITION / AUP_NOT_ACCEPTED");
  EXPECT_EQ(second.status().message(),
            "AUP_NOT_ACCEPTED: the person has not accepted the acceptable use policy (way out: "
            "CompleteRequiredActions by SELF; or ResetPassword by LOCAL_ADMIN)");
  const auto decision = FindDetail<v1::Decision>(second.status());
  ASSERT_TRUE(decision.has_value());
  std::vector<std::string> ways;
  for (const v1::Mend& mend : decision->violations(0).mends()) {
    ways.push_back(v1::MendBy_Name(mend.by()) + " " + mend.operation());
  }
  EXPECT_THAT(ways, testing::IsSupersetOf({"MEND_BY_SELF CompleteRequiredActions",
                                           "MEND_BY_LOCAL_ADMIN ResetPassword"}));

  world_.SettleIn("asha.patel", first->temporary_password(), "MOONLITHARBOUR",
                  "cobalt-linen-marsh-64");
  EXPECT_EQ(Outcome(Resecure(admin_, Request(asha_))), "OK");
}

TEST_F(ResecureAccountTest, TheCompromisedSecretCannotReturn) {
  const auto first = Resecure(admin_, Request(asha_));
  ASSERT_TRUE(first.ok());
  world_.SettleIn("asha.patel", first->temporary_password(), "MOONLITHARBOUR",
                  "cobalt-linen-marsh-64");
  const auto second = Resecure(admin_, Request(asha_));
  ASSERT_TRUE(second.ok()) << second.status();
  const std::string token = world_.SignIn("asha.patel", second->temporary_password());
  v1::ChangePasswordRequest change;
  change.set_current_password(second->temporary_password());
  change.set_new_password("basalt-orchard-viola-93");
  const auto changed = world_.Call(token, ChangePassword, change);
  ASSERT_TRUE(changed.ok()) << changed.status();
  v1::CompleteRequiredActionsRequest complete;
  complete.mutable_accept_aup()->set_version(world_.Find(admin_).aup_version);
  auto& profile = *complete.mutable_profile();
  profile.set_given_name("Asha");
  profile.set_family_name("Patel");
  profile.set_display_name("Asha Patel");
  complete.set_account_secret("moonlitHarbour");
  EXPECT_EQ(Outcome(world_.Call(changed->session_token(), CompleteRequiredActions, complete)),
            "FAILED_PRECONDITION / SECRET_REUSED");
}

TEST_F(ResecureAccountTest, IsRefusedForLockedInactiveAndUnacceptedAllAtOnce) {
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.locked_at = world_.clock().Now();
    account.aup_version.clear();
    account.status = v1::ACCOUNT_STATUS_DISABLED;
  });
  const auto answer = Resecure(admin_, Request(asha_));
  const auto failure = FindDetail<google::rpc::PreconditionFailure>(answer.status());
  ASSERT_TRUE(failure.has_value()) << answer.status();
  std::vector<std::string> reasons;
  for (const auto& violation : failure->violations()) reasons.push_back(violation.type());
  EXPECT_THAT(reasons,
              UnorderedElementsAre("ACCOUNT_NOT_ACTIVE", "ACCOUNT_LOCKED", "AUP_NOT_ACCEPTED"));
}

TEST_F(ResecureAccountTest, NeedsAnAttestationAndTakesNoGrant) {
  v1::ResecureAccountRequest none = Request(asha_);
  none.clear_identity_check();
  EXPECT_EQ(Outcome(Resecure(admin_, none)), "FAILED_PRECONDITION / IDENTITY_CHECK_REQUIRED");
  v1::ResecureAccountRequest grant = Request(asha_);
  grant.mutable_identity_check()->set_verification_id(asha_.value());
  EXPECT_EQ(Outcome(Resecure(admin_, grant)), "FAILED_PRECONDITION / IDENTITY_CHECK_INSUFFICIENT");
  v1::ResecureAccountRequest procedure = Request(asha_);
  auto& attestation = *procedure.mutable_identity_check()->mutable_attestation();
  attestation.set_kind(v1::ATTESTATION_KIND_ORGANISATION_PROCEDURE);
  attestation.clear_reference();
  EXPECT_EQ(Outcome(Resecure(admin_, procedure)),
            "FAILED_PRECONDITION / IDENTITY_CHECK_INSUFFICIENT");
}

TEST_F(ResecureAccountTest, WhoMayAndWhoMayNot) {
  const auto helpdesk = world_.AddPerson(riverside_, "help.desk", v1::ROLE_LOCAL_HELPDESK);
  const auto auditor = world_.AddPerson(riverside_, "au.ditor", v1::ROLE_AUDITOR);
  const auto foreign = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  const auto colleague = world_.AddPerson(riverside_, "sam.osei");
  const auto national = world_.AddPerson(hilltop_, "nas", v1::ROLE_NATIONAL_ADMIN);
  for (const auto& actor : {helpdesk, auditor, foreign, colleague, national}) {
    EXPECT_EQ(Outcome(Resecure(actor, Request(asha_))), "PERMISSION_DENIED / NOT_PERMITTED")
        << world_.Find(actor).username;
  }
  EXPECT_EQ(Outcome(Resecure(admin_, Request(admin_))), "FAILED_PRECONDITION / ACTING_ON_SELF");
  const auto peer = world_.AddPerson(riverside_, "la.second", v1::ROLE_LOCAL_ADMIN);
  EXPECT_EQ(Outcome(Resecure(admin_, Request(peer))), "FAILED_PRECONDITION / RANK_TOO_LOW");
  const auto primary = world_.AddPerson(riverside_, "pla", v1::ROLE_PRIMARY_LOCAL_ADMIN);
  EXPECT_EQ(Outcome(Resecure(primary, Request(peer))), "OK");
  EXPECT_EQ(Outcome(Resecure(national, Request(primary))), "OK") << "someone must help them";
}

TEST_F(ResecureAccountTest, NationalAdministrationResecuresWhereItManages) {
  const auto managed = world_.AddOrganisation("Managed Practice", /*nas_managed=*/true);
  const auto kim = world_.AddPerson(managed, "kim.managed");
  const auto national = world_.AddPerson(hilltop_, "nas", v1::ROLE_NATIONAL_ADMIN);
  EXPECT_EQ(Outcome(Resecure(national, Request(asha_))), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(Outcome(Resecure(national, Request(kim))), "OK");
}

// The button and the operation, which must say the same.
TEST_F(ResecureAccountTest, EveryStatusButActiveStandsAgainstItAndALockToo) {
  const struct {
    v1::AccountStatus status;
    bool locked;
    std::string outcome;
  } cases[] = {{v1::ACCOUNT_STATUS_PENDING, false, "ACCOUNT_NOT_ACTIVE"},
               {v1::ACCOUNT_STATUS_INACTIVE, false, "ACCOUNT_NOT_ACTIVE"},
               {v1::ACCOUNT_STATUS_DISABLED, false, "ACCOUNT_NOT_ACTIVE"},
               {v1::ACCOUNT_STATUS_DELETED, false, "ACCOUNT_NOT_ACTIVE"},
               {v1::ACCOUNT_STATUS_ACTIVE, true, "ACCOUNT_LOCKED"},
               {v1::ACCOUNT_STATUS_ACTIVE, false, "OK"}};
  for (const auto& [status, locked, outcome] : cases) {
    SCOPED_TRACE(v1::AccountStatus_Name(status) + (locked ? ", locked" : ""));
    world_.Change(asha_, [&, status = status, locked = locked](storage::AccountRecord& account) {
      account.status = status;
      account.status_changed_at = world_.clock().Now();
      account.locked_at = locked ? std::optional(world_.clock().Now()) : std::nullopt;
    });
    v1::CheckEligibilityRequest button;
    button.set_account_id(asha_.value());
    button.add_actions(v1::ACTION_RESECURE_ACCOUNT);
    const auto asked = world_.Call(world_.Enter(admin_), CheckEligibility, button);
    ASSERT_TRUE(asked.ok()) << asked.status();
    const v1::Decision& decision = asked->results(0).decision();
    EXPECT_EQ(decision.allowed() ? "ERROR_REASON_OK"
                                 : v1::ErrorReason_Name(decision.violations(0).reason()),
              "ERROR_REASON_" + outcome);
    EXPECT_EQ(Outcome(Resecure(admin_, Request(asha_))),
              outcome == "OK" ? outcome : "FAILED_PRECONDITION / " + outcome);
  }
}

TEST_F(ResecureAccountTest, AForeignAccountIsRefusedAsOneThatDoesNotExist) {
  const auto foreign = world_.AddPerson(hilltop_, "kim.hilltop");
  const auto there = Resecure(admin_, Request(foreign)).status();
  const auto nowhere =
      Resecure(admin_, Request(storage::AccountId("AAAAAAAAAAAAAAAAAAAAAA"))).status();
  EXPECT_EQ(there, nowhere);
}

TEST_F(ResecureAccountTest, ATransferredAccountIsTheNewOrganisationsAlone) {
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.organisation_id = hilltop_; });
  EXPECT_EQ(Outcome(Resecure(admin_, Request(asha_))), "PERMISSION_DENIED / NOT_PERMITTED");
}

TEST_F(ResecureAccountTest, WithoutTheRequiredChangeTheOtherActionsAreLeftToDo) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_require_password_change(false);
  const auto answer = Resecure(admin_, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(SignIn(answer->temporary_password())->session().required_actions(),
              ElementsAre(v1::REQUIRED_ACTION_ACCEPT_AUP, v1::REQUIRED_ACTION_UPDATE_PROFILE,
                          v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET));
}

TEST_F(ResecureAccountTest, DeferredLeavesNoPasswordAtAll) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_defer_temporary_password(true);
  const auto answer = Resecure(admin_, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->temporary_password(), "");
  EXPECT_EQ(world_.Find(asha_).password.phc, "");
  EXPECT_EQ(Outcome(SignIn(kPassword)), "UNAUTHENTICATED / INVALID_CREDENTIALS");
  EXPECT_EQ(Outcome(SignIn(" ")), "UNAUTHENTICATED / INVALID_CREDENTIALS");
}

TEST_F(ResecureAccountTest, AfterADeferredOneTheTimelineSaysWhyNobodyGetsIn) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_defer_temporary_password(true);
  ASSERT_EQ(Outcome(Resecure(admin_, request)), "OK");
  v1::GetAccountTimelineRequest timeline;
  timeline.set_account_id(asha_.value());
  const auto told = world_.Call(world_.Enter(admin_), GetAccountTimeline, timeline);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_FALSE(told->sign_in().allowed());
  ASSERT_EQ(told->sign_in().violations_size(), 1);
  const v1::Violation& violation = told->sign_in().violations(0);
  EXPECT_EQ(violation.reason(), v1::ERROR_REASON_PASSWORD_NOT_SET);
  ASSERT_GT(violation.mends_size(), 0);
  EXPECT_EQ(violation.mends(0).operation(), "ResetPassword");
}

TEST_F(ResecureAccountTest, AfterADeferredOneTheAdministratorSetsTheTemporaryPassword) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_defer_temporary_password(true);
  ASSERT_EQ(Outcome(Resecure(admin_, request)), "OK");
  v1::ResetPasswordRequest reset;
  reset.set_account_id(asha_.value());
  reset.set_reason(request.reason());
  *reset.mutable_identity_check() = request.identity_check();
  reset.set_temporary_password("basalt-orchard-viola-93");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(admin_), ResetPassword, reset)), "OK");
  const auto session = SignIn("basalt-orchard-viola-93");
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->session().level(), v1::SESSION_LEVEL_RESTRICTED);
  EXPECT_EQ(session->session().required_actions_size(), 4);
}

TEST_F(ResecureAccountTest, AGivenPasswordObeysEveryRuleAndIsNotToldAgain) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_temporary_password("asha");
  const auto refused = Resecure(admin_, request);
  EXPECT_EQ(Outcome(refused), "FAILED_PRECONDITION / PASSWORD_TOO_SHORT");
  request.set_temporary_password(kPassword);
  EXPECT_EQ(Outcome(Resecure(admin_, request)), "FAILED_PRECONDITION / PASSWORD_REUSED");
  request.set_temporary_password("basalt-orchard-viola-93");
  const auto answer = Resecure(admin_, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->temporary_password(), "");
  EXPECT_EQ(Outcome(SignIn("basalt-orchard-viola-93")), "OK");
  request.set_defer_temporary_password(true);
  EXPECT_EQ(Outcome(Resecure(admin_, request)), "INVALID_ARGUMENT / FIELDS_INVALID");
}

TEST_F(ResecureAccountTest, AGuessAtAFormerPasswordIsAnsweredOnlyWhenNothingElseStandsAgainstIt) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_temporary_password(kPassword);
  request.clear_identity_check();
  const auto refused = Resecure(admin_, request);
  EXPECT_EQ(Outcome(refused), "FAILED_PRECONDITION / IDENTITY_CHECK_REQUIRED");
  EXPECT_EQ(FindDetail<google::rpc::PreconditionFailure>(refused.status())->violations_size(), 1);
  request = Request(asha_);
  request.set_temporary_password(kPassword);
  request.set_validate_only(true);
  EXPECT_EQ(Outcome(Resecure(admin_, request)), "OK") << "a dry run compares with nothing";
}

TEST_F(ResecureAccountTest, ARetryHasOneEffectAndTellsNoSecretAgain) {
  const std::string token = world_.Enter(admin_);
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_request_id(world_.NewRequestId());
  const auto first = world_.Call(token, ResecureAccount, request);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string after = world_.Everything();
  const auto again = world_.Call(token, ResecureAccount, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->temporary_password(), "");
  EXPECT_EQ(again->receipt().resecure_id(), first->receipt().resecure_id());
  EXPECT_EQ(world_.Everything(), after);

  request.set_reason("another payload");
  EXPECT_EQ(Outcome(world_.Call(token, ResecureAccount, request)),
            "INVALID_ARGUMENT / REQUEST_ID_REUSED");
}

TEST_F(ResecureAccountTest, ARefusalChangesNothingAndIsAudited) {
  const auto foreign = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  const std::string token = world_.Enter(foreign);
  const std::string before = world_.Everything();
  ASSERT_FALSE(world_.Call(token, ResecureAccount, Request(asha_)).ok());
  EXPECT_EQ(world_.Everything(), before);
  const auto events = world_.Audit(hilltop_);
  ASSERT_FALSE(events.empty())
      << "at home: the other's log would tell that there is such an account";
  EXPECT_EQ(events[0].outcome, v1::AUDIT_OUTCOME_DENIED);
  EXPECT_EQ(events[0].actor_id, foreign);
  EXPECT_EQ(events[0].target_id, asha_);
}

TEST_F(ResecureAccountTest, ValidateOnlyRunsEveryCheckAndChangesNothing) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_validate_only(true);
  const std::string token = world_.Enter(asha_);
  const std::string admin_token = world_.Enter(admin_);
  const std::string before = world_.Everything();
  EXPECT_EQ(Outcome(world_.Call(admin_token, ResecureAccount, request)), "OK");
  EXPECT_EQ(world_.Everything(), before);
  EXPECT_TRUE(Lives(token));
  request.clear_identity_check();
  EXPECT_EQ(Outcome(world_.Call(admin_token, ResecureAccount, request)),
            "FAILED_PRECONDITION / IDENTITY_CHECK_REQUIRED");
}

TEST_F(ResecureAccountTest, ThePersonIsToldAtTheContactKnownBefore) {
  ASSERT_EQ(Outcome(Resecure(admin_, Request(asha_))), "OK");
  const auto messages = world_.Outbox();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].account_id, asha_);
  EXPECT_THAT(messages[0].payload, testing::HasSubstr(world_.Find(asha_).profile.contact_email));
}

TEST_F(ResecureAccountTest, AStaleEtagIsRefused) {
  v1::ResecureAccountRequest request = Request(asha_);
  request.set_etag("v999");
  EXPECT_EQ(Outcome(Resecure(admin_, request)), "ABORTED / ETAG_STALE");
}

}  // namespace
}  // namespace gatehouse::server
