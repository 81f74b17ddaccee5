// Registering second factors, and getting rid of them.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/secrets/token.h"
#include "tests/harness/shipped_policy.h"
#include "tests/operations/method_world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto kTotp = v1::AUTHENTICATION_METHOD_KIND_TOTP;
constexpr auto kSms = v1::AUTHENTICATION_METHOD_KIND_SMS;
constexpr auto kVoice = v1::AUTHENTICATION_METHOD_KIND_VOICE;
constexpr auto kPrinted = v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE;
constexpr auto kRegister = v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD;

class AuthenticationMethodsTest : public MethodWorldTest {
 protected:
  // Who has no method yet.
  storage::AccountId AddAdministrator(v1::Role role = v1::ROLE_LOCAL_ADMIN) {
    const auto id = world_.AddPerson(riverside_, "la.riverside");
    world_.Change(id, [&](storage::AccountRecord& account) {
      account.roles = {{.role = role}};
      if (role != v1::ROLE_OPERATOR) account.roles[0].organisation_id = riverside_;
    });
    return id;
  }

  std::vector<int> Pending(const absl::StatusOr<v1::CreateSessionResponse>& signed_in) {
    EXPECT_TRUE(signed_in.ok()) << signed_in.status();
    if (!signed_in.ok()) return {};
    return {signed_in->session().required_actions().begin(),
            signed_in->session().required_actions().end()};
  }

  std::vector<v1::AuthenticationMethod> List(const std::string& token,
                                             const storage::AccountId& id = {}) {
    v1::ListAuthenticationMethodsRequest request;
    request.set_account_id(id.value());
    const auto answer = world_.Call(token, ListAuthenticationMethods, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok()) return {};
    return {answer->methods().begin(), answer->methods().end()};
  }

  std::vector<v1::AuthenticationMethodKind> Kinds(const std::string& token) {
    std::vector<v1::AuthenticationMethodKind> kinds;
    for (const auto& method : List(token)) kinds.push_back(method.kind());
    return kinds;
  }

  absl::StatusOr<v1::RemoveAuthenticationMethodResponse> Remove(
      const std::string& token, const std::string& method_id,
      const std::string& password = kPassword) {
    v1::RemoveAuthenticationMethodRequest request;
    request.set_method_id(method_id);
    request.set_password(password);
    return world_.Call(token, RemoveAuthenticationMethod, request);
  }

  absl::StatusOr<v1::RegisterAuthenticationMethodResponse> Renew(
      const std::string& token, const std::string& password = kPassword) {
    v1::RegisterAuthenticationMethodRequest request;
    request.set_password(password);
    request.set_kind(v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE);
    return world_.Call(token, RegisterAuthenticationMethod, request);
  }

  v1::ResetAuthenticationMethodsRequest ResetOf(const storage::AccountId& id) {
    v1::ResetAuthenticationMethodsRequest request;
    request.set_account_id(id.value());
    request.set_reason("lost telephone");
    request.mutable_identity_check()->mutable_attestation()->set_kind(
        v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
    return request;
  }
};

TEST_F(AuthenticationMethodsTest, AnAppOpensNothingUntilItsFirstCodeAndThenCounts) {
  const std::string token = world_.Enter(asha_);
  const auto registered = Register(token, kTotp, "my phone");
  ASSERT_TRUE(registered.ok()) << registered.status();
  EXPECT_FALSE(registered->method().confirmed());
  EXPECT_THAT(registered->otpauth_uri(), HasSubstr("otpauth://totp/Gatehouse:asha.patel?secret="));
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 0);
  EXPECT_TRUE(SignIn("asha.patel")->has_session()) << "nothing to ask for yet";

  const Authenticator authenticator(registered->otpauth_uri());
  world_.Advance(absl::Seconds(1));
  const auto confirmed =
      Confirm(token, registered->method().method_id(), authenticator.CodeAt(world_.clock().Now()));
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_TRUE(confirmed->method().confirmed());
  EXPECT_THAT(confirmed->recovery_codes(), SizeIs(10));
  EXPECT_EQ(confirmed->session_token(), "") << "a FULL session goes on";
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 1);
  EXPECT_THAT(Kinds(token), ElementsAre(kTotp, kPrinted));
  EXPECT_EQ(List(token).front().label(), "my phone");
  EXPECT_TRUE(SignIn("asha.patel")->has_second_factor());
}

TEST_F(AuthenticationMethodsTest, ATelephoneGetsItsCodeAtOnceAndIsShownMasked) {
  for (const auto kind : {kSms, kVoice}) {
    const auto id = world_.AddPerson(riverside_, kind == kSms ? "by.text" : "by.voice");
    const std::string token = world_.Enter(id);
    const auto registered = Register(token, kind);
    ASSERT_TRUE(registered.ok()) << registered.status();
    EXPECT_EQ(registered->method().masked_destination(), "+44 7*** ***123");
    EXPECT_EQ(registered->otpauth_uri(), "");
    const outbox::v1::Message& message = Messages().back();
    EXPECT_EQ(message.to().phone_number(), kNumber);
    EXPECT_EQ(message.to().email(), "");
    EXPECT_EQ(message.details().at("by"), kind == kSms ? "SMS" : "VOICE");
    EXPECT_THAT(message.details().at("code"), SizeIs(6));
    const auto confirmed = Confirm(token, registered->method().method_id(), CodeSent());
    EXPECT_TRUE(confirmed.ok()) << confirmed.status();
    EXPECT_THAT(confirmed->recovery_codes(), SizeIs(10));
    EXPECT_EQ(world_.Find(id).authentication_methods, 1);
  }
}

TEST_F(AuthenticationMethodsTest, ACodeLiesInTheOutboxSealedAndIsThrownAwayAtItsEnd) {
  ASSERT_TRUE(Register(world_.Enter(asha_), kSms).ok());
  const auto waiting = world_.Outbox(storage::OutboxChannel::kCodes);
  ASSERT_THAT(waiting, SizeIs(1));
  world_.Advance(absl::Minutes(10));
  EXPECT_THAT(Messages(), IsEmpty());
  EXPECT_THAT(world_.Outbox(storage::OutboxChannel::kCodes), IsEmpty());

  ASSERT_TRUE(Register(world_.Enter(asha_), kSms).ok());
  const auto row = world_.Outbox(storage::OutboxChannel::kCodes).at(0);
  const std::string code = CodeSent();
  EXPECT_THAT(row.payload, Not(HasSubstr(code)));
  for (const auto& event : world_.Audit(riverside_)) {
    for (const auto& [name, value] : event.details)
      EXPECT_THAT(value, Not(HasSubstr(code))) << name;
  }
  EXPECT_THAT(world_.log(), Not(HasSubstr(code)));
}

TEST_F(AuthenticationMethodsTest, ConfirmingEndsOtherSessionsAndTellsThePerson) {
  const std::string mine = world_.Enter(asha_);
  const std::string other = world_.Enter(asha_);
  const auto registered = Register(mine, kSms);
  EXPECT_TRUE(Lives(other)) << "nothing has changed yet";
  const auto confirmed = Confirm(mine, registered->method().method_id(), CodeSent());
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_GT(confirmed->revocation().position(), 0);
  EXPECT_TRUE(Lives(mine));
  EXPECT_FALSE(Lives(other));
  EXPECT_THAT(Told(), ElementsAre("AUTHENTICATION_METHOD_ADDED"));
}

TEST_F(AuthenticationMethodsTest, AWrongCodeConfirmsNothingAndFiveAreTheEnd) {
  const std::string token = world_.Enter(asha_);
  const auto registered = Register(token, kSms);
  const std::string id = registered->method().method_id();
  const std::string code = CodeSent();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Outcome(Confirm(token, id, Wrong(code))), "FAILED_PRECONDITION / CODE_INVALID") << i;
  }
  EXPECT_EQ(Outcome(Confirm(token, id, code)), "RESOURCE_EXHAUSTED / CODES_EXHAUSTED");
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 0);
}

TEST_F(AuthenticationMethodsTest, ACodeIsOverAtItsEndToTheInstant) {
  const std::string token = world_.Enter(asha_);
  const auto registered = Register(token, kSms);
  const std::string id = registered->method().method_id();
  const std::string code = CodeSent();
  world_.Advance(absl::Minutes(10) - absl::Nanoseconds(1000));
  EXPECT_EQ(Outcome(Confirm(token, id, Wrong(code))), "FAILED_PRECONDITION / CODE_INVALID");
  world_.Advance(absl::Nanoseconds(1000));
  EXPECT_EQ(Outcome(Confirm(token, id, code)),
            "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID");
}

TEST_F(AuthenticationMethodsTest, NobodyConfirmsAnothersMethodNorOneThatIsConfirmed) {
  const auto bilal = world_.AddPerson(riverside_, "bilal.khan");
  const std::string token = world_.Enter(asha_);
  const auto registered = Register(token, kSms);
  const std::string id = registered->method().method_id();
  const std::string code = CodeSent();
  const std::string invalid = "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID";
  EXPECT_EQ(Outcome(Confirm(world_.Enter(bilal), id, code)), invalid);
  ASSERT_EQ(Outcome(Confirm(token, id, code)), "OK");
  EXPECT_EQ(Outcome(Confirm(token, id, code)), invalid);
  EXPECT_EQ(Outcome(Confirm(token, NewId(world_.dependencies().entropy), code)), invalid);
}

TEST_F(AuthenticationMethodsTest, ARegistrationDiesWithTheEpochInWhichItBegan) {
  const std::string token = world_.Enter(asha_);
  const auto registered = Register(token, kSms);
  AddApp(asha_);
  EXPECT_EQ(Outcome(Confirm(world_.Enter(asha_), registered->method().method_id(), CodeSent())),
            "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID");
}

TEST_F(AuthenticationMethodsTest, RegistersOnlyForTheRightPasswordAndNothingTwice) {
  const std::string token = world_.Enter(asha_);
  EXPECT_EQ(Outcome(Register(token, kTotp, "", "wrong")), "FAILED_PRECONDITION / PASSWORD_WRONG");
  EXPECT_THAT(List(token), IsEmpty());
  AddTelephone(asha_);
  AddApp(asha_, "old");
  const std::string again = world_.Enter(asha_);
  const std::string exists = "ALREADY_EXISTS / AUTHENTICATION_METHOD_EXISTS";
  EXPECT_EQ(Outcome(Register(again, kSms)), exists);
  EXPECT_EQ(Outcome(Register(again, kVoice)), exists) << "one telephone is one method";
  EXPECT_EQ(Outcome(Register(again, kTotp, "old")), exists);
  EXPECT_EQ(Outcome(Register(again, kTotp, "new")), "OK");
}

TEST_F(AuthenticationMethodsTest, OneThatWasNeverConfirmedMakesWayForTheNext) {
  const std::string token = world_.Enter(asha_);
  ASSERT_TRUE(Register(token, kTotp, "first").ok());
  ASSERT_TRUE(Register(token, kTotp, "second").ok());
  ASSERT_THAT(List(token), SizeIs(1));
  EXPECT_EQ(List(token).front().label(), "second");
}

TEST_F(AuthenticationMethodsTest, TellsAllFaultsOfARegistrationAtOnce) {
  v1::RegisterAuthenticationMethodRequest request;
  request.set_kind(kSms);
  request.set_phone_number("0113 496 0000");
  request.set_label("\n");
  request.set_request_id("x");
  const std::string token = world_.Enter(asha_);
  EXPECT_THAT(FaultyFields(world_.Call(token, RegisterAuthenticationMethod, request).status()),
              ElementsAre("password", "phone_number", "label", "request_id"));
  v1::RegisterAuthenticationMethodRequest printed;
  printed.set_password("x");
  printed.set_kind(kPrinted);
  printed.set_phone_number(kNumber);
  printed.set_label("drawer");
  EXPECT_THAT(FaultyFields(world_.Call(token, RegisterAuthenticationMethod, printed).status()),
              ElementsAre("phone_number", "label"));
}

TEST_F(AuthenticationMethodsTest, RemovesAMethodAndWithTheLastThePrintedCodesToo) {
  const std::string telephone = AddTelephone(asha_);
  const App app = AddApp(asha_);
  const std::string mine = world_.Enter(asha_);
  const std::string other = world_.Enter(asha_);
  EXPECT_EQ(Outcome(Remove(mine, telephone, "wrong")), "FAILED_PRECONDITION / PASSWORD_WRONG");
  ASSERT_EQ(Outcome(Remove(mine, telephone)), "OK");
  EXPECT_TRUE(Lives(mine));
  EXPECT_FALSE(Lives(other));
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 1);
  EXPECT_EQ(Outcome(Remove(mine, telephone)),
            "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID");
  ASSERT_EQ(Outcome(Remove(mine, app.method_id)), "OK");
  EXPECT_THAT(List(mine), IsEmpty());
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 0);
}

TEST_F(AuthenticationMethodsTest, AMethodThatWasNotCountedIsRemovedAndCountsNothingBelowNone) {
  const App app = AddApp(asha_);
  AddTelephone(asha_);
  world_.Change(asha_, [](storage::AccountRecord& account) { account.authentication_methods = 0; });
  ASSERT_EQ(Outcome(Remove(world_.Enter(asha_), app.method_id)), "OK");
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 1) << "what is there is counted";
}

TEST_F(AuthenticationMethodsTest, NobodyHasMoreThanTen) {
  AddTelephone(asha_);
  world_.Change(asha_, [](storage::AccountRecord& account) { account.authentication_methods = 9; });
  const std::string token = world_.Enter(asha_);
  const auto tenth = Register(token, kTotp, "tenth");
  ASSERT_TRUE(tenth.ok()) << tenth.status();
  world_.Change(asha_,
                [](storage::AccountRecord& account) { account.authentication_methods = 10; });
  const std::string too_many = "FAILED_PRECONDITION / AUTHENTICATION_METHOD_LIMIT";
  EXPECT_EQ(Outcome(Register(token, kTotp, "eleventh")), too_many);
  EXPECT_EQ(Outcome(Confirm(token, tenth->method().method_id(), "000000")), too_many);
}

TEST_F(AuthenticationMethodsTest, NewCodesToPrintTakeThePlaceOfTheOld) {
  const std::string early = world_.Enter(asha_);
  EXPECT_EQ(Outcome(Renew(early)), "FAILED_PRECONDITION / AUTHENTICATION_METHOD_REQUIRED")
      << "they only stand in for another";
  const App app = AddApp(asha_);
  const std::string token = world_.Enter(asha_);
  const std::string other = world_.Enter(asha_);
  EXPECT_EQ(List(token).back().codes_left(), 10);
  EXPECT_EQ(Outcome(Renew(token, "wrong")), "FAILED_PRECONDITION / PASSWORD_WRONG");
  const auto renewed = Renew(token);
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_THAT(renewed->recovery_codes(), SizeIs(10));
  EXPECT_GT(renewed->revocation().position(), 0);
  EXPECT_TRUE(Lives(token));
  EXPECT_FALSE(Lives(other));
  ASSERT_THAT(List(token), SizeIs(2));
  EXPECT_EQ(List(token).back().method_id(), renewed->method().method_id());
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 1);
  EXPECT_EQ(Told().back(), "RECOVERY_CODES_RENEWED");
  const auto answer = [&](const std::string& code) {
    v1::AnswerSecondFactorRequest request;
    request.set_challenge_id(SignIn("asha.patel")->second_factor().challenge_id());
    request.set_method_id(renewed->method().method_id());
    request.set_code(code);
    return Outcome(world_.Call("", AnswerSecondFactor, request));
  };
  EXPECT_EQ(answer(app.printed_codes.at(0)), "FAILED_PRECONDITION / CODE_INVALID");
  EXPECT_EQ(answer(renewed->recovery_codes(0)), "OK");
  EXPECT_EQ(List(token).back().codes_left(), 9);
}

TEST_F(AuthenticationMethodsTest, WrongCodesOfARegistrationCountForTheAddressOfTheSession) {
  const std::string token = SignIn("asha.patel")->session_token();
  const std::string id = Register(token, kSms)->method().method_id();
  EXPECT_EQ(Outcome(Confirm(token, id, Wrong(CodeSent()))), "FAILED_PRECONDITION / CODE_INVALID");
  int64_t failures = -1;
  ASSERT_TRUE(
      world_.accounts()
          .Read([&](storage::Transaction& transaction) {
            failures = transaction.CountSourceFailures("192.0.2.7", absl::UnixEpoch()).value_or(-1);
            return absl::OkStatus();
          })
          .ok());
  EXPECT_EQ(failures, 1);
}

TEST_F(AuthenticationMethodsTest, WhoTriesToConfirmAnothersMethodLeavesNothingInTheirLog) {
  const auto hilltop = world_.AddOrganisation("Hilltop");
  const auto bilal = world_.AddPerson(hilltop, "bilal.khan");
  const auto registered = Register(world_.Enter(asha_), kSms);
  const size_t before = world_.Audit(riverside_).size();
  EXPECT_EQ(Outcome(Confirm(world_.Enter(bilal), registered->method().method_id(), CodeSent())),
            "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID");
  EXPECT_EQ(world_.Audit(riverside_).size(), before);
  EXPECT_EQ(world_.Audit(hilltop).front().target_id, bilal);
}

TEST_F(AuthenticationMethodsTest, NewCodesArePrintedForWhoThrewTheOldOnesAway) {
  const App app = AddApp(asha_, "old");
  const std::string token = world_.Enter(asha_);
  ASSERT_EQ(Outcome(Remove(token, List(token).back().method_id())), "OK");
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 1);
  EXPECT_THAT(AddApp(asha_, "new").printed_codes, SizeIs(10));
}

TEST_F(AuthenticationMethodsTest, AnAdministratorSeesThemMaskedAndResetsThem) {
  const auto admin = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const auto helper = world_.AddPerson(riverside_, "help.riverside", v1::ROLE_LOCAL_HELPDESK);
  const auto foreign =
      world_.AddPerson(world_.AddOrganisation("Hilltop"), "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  AddTelephone(asha_);
  const std::string hers = world_.Enter(asha_);
  EXPECT_THAT(List(world_.Enter(helper), asha_), SizeIs(2));

  const auto reset = [&](const storage::AccountId& who, const auto& request) {
    return Outcome(world_.Call(world_.Enter(who), ResetAuthenticationMethods, request));
  };
  EXPECT_EQ(reset(helper, ResetOf(asha_)), "PERMISSION_DENIED / NOT_PERMITTED");
  EXPECT_EQ(reset(foreign, ResetOf(asha_)), "PERMISSION_DENIED / NOT_PERMITTED");
  v1::ResetAuthenticationMethodsRequest unchecked = ResetOf(asha_);
  unchecked.clear_identity_check();
  EXPECT_EQ(reset(admin, unchecked), "FAILED_PRECONDITION / IDENTITY_CHECK_REQUIRED");
  v1::ResetAuthenticationMethodsRequest dry = ResetOf(asha_);
  dry.set_validate_only(true);
  EXPECT_EQ(reset(admin, dry), "OK");
  EXPECT_TRUE(Lives(hers));

  EXPECT_EQ(reset(admin, ResetOf(asha_)), "OK");
  EXPECT_FALSE(Lives(hers));
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 0);
  EXPECT_THAT(List(world_.Enter(asha_)), IsEmpty());
  EXPECT_TRUE(SignIn("asha.patel")->has_session());
}

TEST_F(AuthenticationMethodsTest, AResecureTellsWhatSurvivesAndTakesItAwayWhenAsked) {
  const auto admin = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  AddTelephone(asha_);
  v1::ResecureAccountRequest request;
  request.set_account_id(asha_.value());
  request.set_reason("secret forgotten");
  request.mutable_identity_check()->mutable_attestation()->set_kind(
      v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
  const auto faithful = world_.Call(world_.Enter(admin), ResecureAccount, request);
  ASSERT_TRUE(faithful.ok()) << faithful.status();
  EXPECT_THAT(faithful->receipt().surviving_authentication_methods(), SizeIs(2));
  EXPECT_THAT(faithful->receipt().steps(), SizeIs(4));
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 1);

  world_.Change(asha_, [](storage::AccountRecord& account) {
    account.aup_version = kFirstAup;
    account.resecured_at.reset();
  });
  request.set_reset_authentication_methods(true);
  const auto thorough = world_.Call(world_.Enter(admin), ResecureAccount, request);
  ASSERT_TRUE(thorough.ok()) << thorough.status();
  EXPECT_THAT(thorough->receipt().surviving_authentication_methods(), IsEmpty());
  EXPECT_EQ(thorough->receipt().steps().rbegin()->kind(),
            v1::RESECURE_STEP_KIND_AUTHENTICATION_METHODS_RESET);
  EXPECT_EQ(world_.Find(asha_).authentication_methods, 0);
}

TEST_F(AuthenticationMethodsTest, AReplayTellsNoSecretAgain) {
  const std::string token = world_.Enter(asha_);
  v1::RegisterAuthenticationMethodRequest request;
  request.set_password(kPassword);
  request.set_kind(kTotp);
  request.set_request_id(world_.NewRequestId());
  const auto first = world_.Call(token, RegisterAuthenticationMethod, request);
  const auto again = world_.Call(token, RegisterAuthenticationMethod, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->otpauth_uri(), "");
  EXPECT_EQ(again->method().method_id(), first->method().method_id());

  v1::ConfirmAuthenticationMethodRequest confirm;
  confirm.set_method_id(first->method().method_id());
  confirm.set_code(Authenticator(first->otpauth_uri()).CodeAt(world_.clock().Now()));
  confirm.set_request_id(world_.NewRequestId());
  EXPECT_THAT(world_.Call(token, ConfirmAuthenticationMethod, confirm)->recovery_codes(),
              SizeIs(10));
  const auto confirmed_again = world_.Call(token, ConfirmAuthenticationMethod, confirm);
  ASSERT_TRUE(confirmed_again.ok()) << confirmed_again.status();
  EXPECT_THAT(confirmed_again->recovery_codes(), IsEmpty());
}

TEST_F(AuthenticationMethodsTest, WhoMustHaveAMethodRegistersItBeforeAllElseAndKeepsTheLast) {
  const auto admin = AddAdministrator();
  const auto signed_in = SignIn("la.riverside");
  EXPECT_THAT(Pending(signed_in), ElementsAre(kRegister));
  const std::string restricted = signed_in->session_token();
  EXPECT_EQ(Outcome(world_.Call(restricted, ListSessions, {})),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
  const auto registered = Register(restricted, kSms);
  ASSERT_TRUE(registered.ok()) << registered.status();
  const auto confirmed = Confirm(restricted, registered->method().method_id(), CodeSent());
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->session().level(), v1::SESSION_LEVEL_FULL);
  EXPECT_EQ(confirmed->session().client().device_label(), "laptop");
  EXPECT_FALSE(Lives(restricted));
  EXPECT_TRUE(Lives(confirmed->session_token()));
  EXPECT_EQ(Outcome(Remove(confirmed->session_token(), registered->method().method_id())),
            "FAILED_PRECONDITION / AUTHENTICATION_METHOD_LAST");
  const App app = AddApp(admin);
  EXPECT_EQ(Outcome(Remove(world_.Enter(admin), app.method_id)), "OK");
}

TEST_F(AuthenticationMethodsTest, OnlyRolesThatAdministerDemandAMethod) {
  const auto id = AddAdministrator();
  for (const v1::Role role : {v1::ROLE_LOCAL_ADMIN, v1::ROLE_PRIMARY_LOCAL_ADMIN,
                              v1::ROLE_NATIONAL_ADMIN, v1::ROLE_OPERATOR}) {
    world_.Change(id, [&](storage::AccountRecord& account) { account.roles = {{.role = role}}; });
    EXPECT_THAT(Pending(SignIn("la.riverside")), ElementsAre(kRegister)) << v1::Role_Name(role);
  }
  for (const v1::Role role : {v1::ROLE_AUDITOR, v1::ROLE_LOCAL_HELPDESK}) {
    world_.Change(id, [&](storage::AccountRecord& account) { account.roles = {{.role = role}}; });
    EXPECT_THAT(Pending(SignIn("la.riverside")), IsEmpty()) << v1::Role_Name(role);
  }
}

TEST_F(AuthenticationMethodsTest,
       ARoleGrantedMeanwhileHoldsAtOnceAndDemandsAMethodAtTheNextSignIn) {
  const std::string granter = world_.Enter(world_.AddOperator());
  const std::string hers = world_.Enter(asha_);
  v1::GrantRoleRequest grant;
  grant.set_account_id(asha_.value());
  grant.set_role(v1::ROLE_LOCAL_ADMIN);
  const auto granted = world_.Call(granter, GrantRole, grant);
  ASSERT_TRUE(granted.ok()) << granted.status();
  EXPECT_THAT(granted->account().required_actions(), ElementsAre(kRegister))
      << "whoever grants it sees what it demands";

  v1::ListAccountsRequest list;
  list.set_organisation_id(riverside_.value());
  EXPECT_EQ(Outcome(world_.Call(hers, ListAccounts, list)), "OK") << "for the very next call";
  v1::ChangePasswordRequest change;
  change.set_current_password(kPassword);
  change.set_new_password("basalt-orchard-viola-93");
  const auto changed = world_.Call(hers, ChangePassword, change);
  ASSERT_TRUE(changed.ok()) << changed.status();
  EXPECT_EQ(changed->session().level(), v1::SESSION_LEVEL_FULL) << "open sessions go on";

  const auto next = SignIn("asha.patel", "basalt-orchard-viola-93");
  EXPECT_THAT(Pending(next), ElementsAre(kRegister));
  EXPECT_EQ(Outcome(world_.Call(next->session_token(), ListAccounts, list)),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
}

TEST_F(AuthenticationMethodsTest, AMethodRegisteredBeforeTheNextSignInIsAskedForThere) {
  const auto admin = AddAdministrator(v1::ROLE_LOCAL_HELPDESK);
  const std::string token = world_.Enter(admin);
  world_.Change(admin, [&](storage::AccountRecord& account) {
    account.roles[0].role = v1::ROLE_LOCAL_ADMIN;
  });
  const auto registered = Register(token, kSms);
  ASSERT_EQ(Outcome(Confirm(token, registered->method().method_id(), CodeSent())), "OK");
  EXPECT_TRUE(SignIn("la.riverside")->has_second_factor());
}

TEST_F(AuthenticationMethodsTest, AnAdministratorWhoLostTheLastMethodIsHelpedFromAbove) {
  const auto primary = world_.AddPerson(riverside_, "pla.riverside", v1::ROLE_PRIMARY_LOCAL_ADMIN);
  const auto admin = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const auto equal = world_.AddPerson(riverside_, "la.other", v1::ROLE_LOCAL_ADMIN);
  ASSERT_TRUE(SignIn("la.riverside")->has_second_factor());
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(equal), ResetAuthenticationMethods, ResetOf(admin))),
            "FAILED_PRECONDITION / RANK_TOO_LOW");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(primary), ResetAuthenticationMethods, ResetOf(admin))),
            "OK");
  EXPECT_THAT(Pending(SignIn("la.riverside")), ElementsAre(kRegister));
}

TEST_F(AuthenticationMethodsTest, AResecureThatResetsMethodsLeadsAnAdministratorBackIn) {
  const auto primary = world_.AddPerson(riverside_, "pla.riverside", v1::ROLE_PRIMARY_LOCAL_ADMIN);
  const auto admin = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  v1::ResecureAccountRequest request;
  request.set_account_id(admin.value());
  request.set_reason("bag stolen");
  request.set_reset_authentication_methods(true);
  request.mutable_identity_check()->mutable_attestation()->set_kind(
      v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
  const auto resecured = world_.Call(world_.Enter(primary), ResecureAccount, request);
  ASSERT_TRUE(resecured.ok()) << resecured.status();
  EXPECT_EQ(Pending(SignIn("la.riverside", resecured->temporary_password())).back(), kRegister);
  const std::string last = world_.SettleIn("la.riverside", resecured->temporary_password(),
                                           "MOONLITHARBOUR", "basalt-orchard-viola-93");
  EXPECT_EQ(Outcome(world_.Call(last, ListSessions, {})),
            "FAILED_PRECONDITION / SESSION_RESTRICTED");
  const auto registered = Register(last, kSms, "", "basalt-orchard-viola-93");
  ASSERT_TRUE(registered.ok()) << registered.status();
  const auto confirmed = Confirm(last, registered->method().method_id(), CodeSent());
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->session().level(), v1::SESSION_LEVEL_FULL);
  EXPECT_FALSE(world_.Find(admin).resecured_at.has_value()) << "all that it required is done";
}

TEST_F(AuthenticationMethodsTest, AccountsCreatedFromAnInstantOnDemandAMethodWhereThePolicySaysSo) {
  world_.ChangePolicy(harness::PolicyWhere(
      "new_accounts_need_method_from",
      absl::StrCat("timestamp('",
                   absl::FormatTime(absl::RFC3339_full, world_.clock().Now() + absl::Seconds(1),
                                    absl::UTCTimeZone()),
                   "')")));
  world_.Advance(absl::Seconds(1));
  world_.AddPerson(riverside_, "bilal.khan");
  EXPECT_THAT(Pending(SignIn("asha.patel")), IsEmpty()) << "created before";
  EXPECT_THAT(Pending(SignIn("bilal.khan")), ElementsAre(kRegister));
}

}  // namespace
}  // namespace gatehouse::server
