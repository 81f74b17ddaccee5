#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "clients/cli/views/account_view.h"
#include "clients/cli/views/audit_view.h"
#include "clients/cli/views/eligibility_view.h"
#include "clients/cli/views/life_cycle_view.h"
#include "clients/cli/views/organisation_view.h"
#include "clients/cli/views/resecure_view.h"
#include "clients/cli/views/session_view.h"
#include "clients/cli/views/verification_view.h"
#include "tests/cli/fixtures.h"

namespace gatehouse::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Account Asha() {
  return Parse<v1::Account>(absl::StrCat(R"(
    account_id: "acc1" organisation_id: "org1" username: "asha.patel"
    profile { given_name: "Asha" family_name: "Patel" display_name: "Asha Patel"
              contact_email: "asha@example.org" }
    status: ACCOUNT_STATUS_ACTIVE state: ACCOUNT_STATE_ACTIVE
    roles { role: ROLE_LOCAL_HELPDESK organisation_id: "org1" }
    joined_time )",
                                         kAtTwo));
}

TEST(AccountViewTest, ShowsWhatThereIsAndLeavesOutWhatIsNot) {
  EXPECT_EQ(RenderAccount(Asha(), "Riverside Trust", AtDesk()),
            R"(Asha Patel (asha.patel)
  state         active
  organisation  Riverside Trust
  joined        14:02:11
  roles         local-helpdesk
  given name    Asha
  family name   Patel
  contact       asha@example.org
  id            acc1
)");
}

TEST(AccountViewTest, SaysWhatTheNextSignInDemands) {
  v1::Account account = Asha();
  account.add_required_actions(v1::REQUIRED_ACTION_CHANGE_PASSWORD);
  account.add_required_actions(v1::REQUIRED_ACTION_ACCEPT_AUP);
  EXPECT_THAT(RenderAccount(account, "Riverside Trust", AtDesk()),
              HasSubstr("next sign-in  change the password, accept the acceptable use policy\n"));
}

TEST(AccountViewTest, ListsAccounts) {
  v1::ListAccountsResponse list;
  *list.add_accounts() = Asha();
  EXPECT_EQ(RenderAccounts(list, AtDesk()),
            "USERNAME    NAME        STATE   ROLES           JOINED\n"
            "asha.patel  Asha Patel  active  local-helpdesk  14:02:11\n");
  EXPECT_EQ(RenderAccounts({}, AtDesk()), "No account matches.\n");
}

v1::ListSessionsResponse ThreeSessions() {
  return Parse<v1::ListSessionsResponse>(absl::StrCat(R"(
    sessions { session_id: "AAAAAAAAAAAAAAAA" level: SESSION_LEVEL_FULL current: true
      client { device_label: "Chrome on Windows" ip_address: "192.0.2.7" } create_time )",
                                                      kAtTwo, R"( }
    sessions { session_id: "BBBBBBBBBBBBBBBB" level: SESSION_LEVEL_FULL
      client { user_agent: "Outlook on iPhone" } }
    sessions { session_id: "CCCCCCCCCCCCCCCC" level: SESSION_LEVEL_RESTRICTED
      client { device_label: "Ward 7\nkiosk" } })"));
}

TEST(SessionViewTest, ListsSessionsByDevice) {
  EXPECT_EQ(
      RenderSessions(ThreeSessions(), AtDesk()),
      "DEVICE                        ADDRESS    LEVEL       SIGNED IN  LAST USED  ENDS  SESSION\n"
      "Chrome on Windows (this one)  192.0.2.7  full        14:02:11   -          -     "
      "AAAAAAAAAAAA\n"
      "Outlook on iPhone                        full        -          -          -     "
      "BBBBBBBBBBBB\n"
      "Ward 7?kiosk                             restricted  -          -          -     "
      "CCCCCCCCCCCC\n");
}

TEST(SessionViewTest, ARevocationSaysWhoConfirmedIt) {
  EXPECT_EQ(RenderRevocation(Parse<v1::Revocation>(
                "sessions_revoked: 3 confirmed_servers: 2 duration { nanos: 3000000 }")),
            "3 sessions ended, confirmed by 2 of 2 servers in 3 ms.\n");
  EXPECT_EQ(
      RenderRevocation(
          Parse<v1::Revocation>("confirmed_servers: 1 silent_servers: 1 duration { seconds: 1 }")),
      "all sessions ended (how many is not known now), confirmed by 1 of 2 servers in 1 s.\n");
}

ResecurePreview PreviewOfAsha() {
  ResecurePreview preview;
  preview.account = Asha();
  preview.organisation = "Riverside Trust";
  preview.sessions = ThreeSessions();
  return preview;
}

TEST(ResecureViewTest, TheQuestionListsEveryEffect) {
  ResecurePreview preview = PreviewOfAsha();
  preview.methods.push_back(
      Parse<v1::AuthenticationMethod>("masked_destination: '+44 7*** ***123'"));
  EXPECT_EQ(RenderResecurePreview(preview, AtDesk()),
            R"(Resecure Asha Patel (asha.patel, Riverside Trust)?
  - the password is reset at once; a temporary one is shown here, once
  - the acceptable use policy must be accepted again
  - the account secret is reset
  - 3 sessions end now: Chrome on Windows, Outlook on iPhone, Ward 7?kiosk
  ! 1 authentication method stays: +44 7*** ***123. Clear them with --reset-authentication-methods
)");
}

TEST(ResecureViewTest, TheQuestionFollowsTheFlags) {
  ResecurePreview preview = PreviewOfAsha();
  preview.sessions.Clear();
  preview.request.set_defer_temporary_password(true);
  preview.request.set_reset_authentication_methods(true);
  const std::string text = RenderResecurePreview(preview, AtDesk());
  EXPECT_THAT(text, HasSubstr("none works until one is set by reset-password"));
  EXPECT_THAT(text, HasSubstr("no session is open; any that begins meanwhile ends too"));
  EXPECT_THAT(text, HasSubstr("the authentication methods are cleared"));
  EXPECT_THAT(text, Not(HasSubstr("!")));
}

TEST(ResecureViewTest, ManyDevicesAreCountedInsteadOfNamed) {
  ResecurePreview preview = PreviewOfAsha();
  preview.sessions.MergeFrom(ThreeSessions());
  preview.sessions.MergeFrom(ThreeSessions());
  EXPECT_THAT(RenderResecurePreview(preview, AtDesk()), HasSubstr("9 sessions end now: "));
  EXPECT_THAT(RenderResecurePreview(preview, AtDesk()), HasSubstr("Outlook on iPhone, 4 more\n"));
}

TEST(ResecureViewTest, TheReceiptTellsEachEffectAndTheTemporaryPasswordOnce) {
  auto response = Parse<v1::ResecureAccountResponse>(absl::StrCat(R"(
    receipt {
      resecure_id: "7Qm2abcdefghijklmnop" policy_revision: "3f9a2c1d4b5e6f70" audit_sequence: 1204
      steps { kind: RESECURE_STEP_KIND_PASSWORD_RESET time )",
                                                                  kAtTwo, R"( }
      steps { kind: RESECURE_STEP_KIND_AUP_RESET time )",
                                                                  kAtTwo, R"( }
      steps { kind: RESECURE_STEP_KIND_ACCOUNT_SECRET_RESET time )",
                                                                  kAtTwo, R"( }
      steps { kind: RESECURE_STEP_KIND_SESSIONS_REVOKED time )",
                                                                  kAtTwo, R"( }
      revocation { sessions_revoked: 3 confirmed_servers: 2 duration { nanos: 3000000 } }
    }
    temporary_password: "sable-orbit-kettle-58"
    account { required_actions: [ REQUIRED_ACTION_CHANGE_PASSWORD, REQUIRED_ACTION_SET_ACCOUNT_SECRET ] })"));
  EXPECT_EQ(RenderResecureReceipt(response, AtDesk()),
            R"(Resecured at 14:02:11.   receipt 7Qm2abcdefgh   policy 3f9a2c1d4b5e   audit 1204
  password reset           14:02:11.402
  policy acceptance reset  14:02:11.402
  account secret reset     14:02:11.402
  3 sessions ended         14:02:11.402  confirmed by 2 of 2 servers in 3 ms
Temporary password (shown once, works for 72 hours):   sable-orbit-kettle-58
At the next sign-in: change the password, set an account secret.
)");
  response.set_replayed(true);
  response.clear_temporary_password();
  EXPECT_THAT(
      RenderResecureReceipt(response, AtDesk()),
      HasSubstr("This was done before, and its temporary password told then. If nobody saw it, "
                "gatehousectl account reset-password gives another.\n"));
}

TEST(EligibilityViewTest, ExplainsWhenAskedAboutOneOperation) {
  const auto response = Parse<v1::CheckEligibilityResponse>(R"(
    results { action: ACTION_RESECURE_ACCOUNT
      decision { violations { reason: ERROR_REASON_ACCOUNT_LOCKED message: "13 wrong passwords"
                              mends { by: MEND_BY_LOCAL_HELPDESK operation: "UnlockAccount" } } } }
    results { action: ACTION_RESET_PASSWORD decision { allowed: true } })");
  EXPECT_EQ(RenderEligibility(response, "asha.patel", AtDesk()),
            R"(OPERATION         NOW  AGAINST IT
resecure-account  no   ACCOUNT_LOCKED
reset-password    yes

resecure-account
  ACCOUNT_LOCKED        13 wrong passwords
                        -> the helpdesk or a local administrator unlocks the account:
                           gatehousectl account unlock asha.patel
)");
}

TEST(OrganisationViewTest, SaysInWordsWhatPasswordsOpen) {
  EXPECT_EQ(RenderOrganisation(Parse<v1::Organisation>(absl::StrCat(R"(
              organisation_id: "org1" display_name: "Riverside Trust"
              password_scope: PASSWORD_SCOPE_SEAMLESS create_time )",
                                                                    kAtTwo)),
                               AtDesk()),
            R"(Riverside Trust
  passwords  one for portal and workstation (seamless)
  managed    by itself
  created    14:02:11
  id         org1
)");
}

TEST(AccountViewTest, TellsWhichSystemsWantANewPassword) {
  EXPECT_EQ(EffectsInWords(Parse<v1::ChangePasswordResponse>(R"(
              effects: PASSWORD_RESET_EFFECT_PORTAL_PASSWORD
              effects: PASSWORD_RESET_EFFECT_WORKSTATION_PASSWORD)")
                               .effects()),
            "the portal and its mail want the new password; so does your workstation");
}

TEST(LifeCycleViewTest, SaysWhoseAccountWasChangedAndWhatEnded) {
  const auto revocation =
      Parse<v1::Revocation>("sessions_revoked: 2 confirmed_servers: 1 duration { nanos: 2000000 }");
  EXPECT_EQ(RenderChangedAccount("Disabled:", Asha(), &revocation),
            "Disabled: Asha Patel (asha.patel).\n"
            "  2 sessions ended, confirmed by 1 of 1 server in 2 ms.\n");
  EXPECT_EQ(RenderChangedAccount("Enabled:", Asha(), nullptr),
            "Enabled: Asha Patel (asha.patel).\n");
}

TEST(LifeCycleViewTest, TellsFromWhenAHoldIsOver) {
  const auto held = Parse<v1::CheckEligibilityResponse>(absl::StrCat(R"(
    results { decision {
      violations { reason: ERROR_REASON_AUTHENTICATION_METHOD_REQUIRED
                   mends { by: MEND_BY_LOCAL_ADMIN operation: "ResetPassword" } }
      violations { reason: ERROR_REASON_ORGANISATION_HOLD
                   mends { by: MEND_BY_LOCAL_ADMIN operation: "ResetPassword" }
                   mends { by: MEND_BY_TIME satisfied_time )",
                                                                     kAtTwo, "} } } }"));
  const auto end = EndOfHold(held);
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(RenderHold(*end, AtDesk()),
            "  From 14:02:11 the person can reset their own password; until then, you can.\n");
  EXPECT_FALSE(EndOfHold({}).has_value());
}

TEST(AuditViewTest, NamesPeopleAndReasons) {
  const auto list = Parse<v1::ListAuditEventsResponse>(
      absl::StrCat(R"(
    events { sequence: 12 time )",
                   kAtTwo, R"( actor_account_id: "a1" target_account_id: "a2"
             action: ACTION_RESECURE_ACCOUNT outcome: AUDIT_OUTCOME_DENIED
             reasons: ERROR_REASON_AUP_NOT_ACCEPTED details { key: "reason" value: "forgotten" } }
    events { sequence: 11 action: ACTION_SIGN_IN outcome: AUDIT_OUTCOME_SUCCEEDED
             target_account_id: "unknown-account-id" })"));
  EXPECT_EQ(
      RenderAuditEvents(list, {{"a1", "la.riverside"}, {"a2", "asha.patel"}}, AtDesk()),
      "NO  TIME      BY            WHAT              TO            OUTCOME    DETAILS\n"
      "12  14:02:11  la.riverside  resecure-account  asha.patel    denied     AUP_NOT_ACCEPTED; "
      "reason=forgotten\n"
      "11  -         -             sign-in           unknown-acco  succeeded\n");
}

TEST(VerificationViewTest, TellsTheAgentWhatToAskAndWhatCameOfIt) {
  const auto ask = [](const std::string& asked) {
    return RenderWhatToAsk(
        Asha(),
        Parse<v1::StartIdentityVerificationResponse>(absl::StrCat(asked, " expire_time ", kAtTwo)),
        AtDesk());
  };
  EXPECT_EQ(ask("verification_id: 'v1' positions: [2, 5, 7]"),
            "What is not answered by 14:02:11 counts as wrong.\nAsk Asha Patel (asha.patel) for 3 "
            "letters of the account secret, never for the "
            "word:\n");
  EXPECT_EQ(ask("verification_id: 'v1' question: 'First pet?'"),
            "What is not answered by 14:02:11 counts as wrong.\nAsk Asha Patel (asha.patel): First "
            "pet?\n");
  const auto outcome = [](const std::string& answered) {
    return RenderVerification(Asha(), "v1", Parse<v1::AnswerIdentityVerificationResponse>(answered),
                              AtDesk());
  };
  EXPECT_EQ(
      outcome(absl::StrCat("outcome: VERIFICATION_OUTCOME_SUCCESS grant_expire_time ", kAtTwo)),
      R"(Recognised: Asha Patel (asha.patel). Good once, for you, until 14:02:11:
  gatehousectl account reset-password asha.patel --verification v1
  gatehousectl account unlock asha.patel --verification v1
)");
  EXPECT_THAT(outcome("outcome: VERIFICATION_OUTCOME_FAILED"),
              HasSubstr("Not recognised. Another try asks for the same."));
}

TEST(VerificationViewTest, AnAnswerThatClosesItTellsFromWhenOrByWhomItIsOpened) {
  const auto outcome = [](const std::string& answered) {
    return RenderVerification(Asha(), "v1", Parse<v1::AnswerIdentityVerificationResponse>(answered),
                              AtDesk());
  };
  const std::string closed =
      "violations { reason: ERROR_REASON_VERIFICATION_CLOSED message: 'closed' ";
  EXPECT_EQ(outcome(absl::StrCat("outcome: VERIFICATION_OUTCOME_FAILED closure { ", closed,
                                 "} eligible_time ", kAtTwo, " }")),
            R"(Not recognised. Nobody can be asked now:
  VERIFICATION_CLOSED   closed
  Possible from 14:02:11 on, if nothing else changes.
  -> recognise them by your organisation's own means, and attest it
)");
  EXPECT_EQ(
      outcome(absl::StrCat("outcome: VERIFICATION_OUTCOME_CLOSED closure { ", closed,
                           "mends { by: MEND_BY_SELF operation: 'SetAccountSecret' }",
                           "mends { by: MEND_BY_LOCAL_ADMIN operation: 'ResecureAccount' } } }")),
      R"(Not compared. Nobody can be asked now:
  VERIFICATION_CLOSED   closed
                        -> the person sets an account secret
                        -> a local administrator resecures the account:
                           gatehousectl account resecure asha.patel
  -> recognise them by your organisation's own means, and attest it
)");
}

}  // namespace
}  // namespace gatehouse::cli
