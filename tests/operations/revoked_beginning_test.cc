// Invariant 2: what began before a revocation yields nothing valid after it. Each thing that goes
// on over several calls, against each act that ends an account's sessions, and against the
// emergency stop; whether that comes between two calls or in the middle of the last one.
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/recovery_operations.h"
#include "tests/operations/method_world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using testing::AnyOf;

constexpr char kResetInvalid[] = "FAILED_PRECONDITION / RESET_INVALID";
constexpr char kVerificationInvalid[] = "FAILED_PRECONDITION / VERIFICATION_INVALID";

class BeginningTest : public MethodWorldTest {
 public:
  // Ends what was begun, by its last call, and tells how that went.
  using LastCall = std::function<std::string()>;

  BeginningTest() { world_.Advance(absl::Hours(25)); }

  // --- What is begun ---

  LastCall SecondFactor() {
    const auto challenge = SignIn("asha.patel");
    EXPECT_TRUE(challenge.ok()) << challenge.status();
    v1::SendSecondFactorCodeRequest send;
    send.set_challenge_id(challenge->second_factor().challenge_id());
    send.set_method_id(telephone_);
    EXPECT_EQ(Outcome(world_.Call("", SendSecondFactorCode, send)), "OK");
    v1::AnswerSecondFactorRequest answer;
    answer.set_challenge_id(send.challenge_id());
    answer.set_method_id(telephone_);
    answer.set_code(CodeSent());
    return Calling("", AnswerSecondFactor, answer);
  }

  LastCall ResetByCode() { return Calling("", VerifyPasswordResetCode, ResetWithCode()); }

  LastCall ProvenReset() {
    const auto verify = ResetWithCode();
    EXPECT_EQ(Outcome(world_.Call("", VerifyPasswordResetCode, verify)), "OK");
    v1::CompletePasswordResetRequest complete;
    complete.set_reset_id(verify.reset_id());
    complete.set_new_password("basalt-orchard-viola-93");
    return Calling("", CompletePasswordReset, complete);
  }

  LastCall Verification() {
    const v1::AnswerIdentityVerificationRequest answer = RightAnswer();
    return [this, answer] {
      const auto answered = world_.Call(world_.Enter(agent_), AnswerIdentityVerification, answer);
      if (!answered.ok()) return Outcome(answered);
      const bool recognised = answered->outcome() == v1::VERIFICATION_OUTCOME_SUCCESS;
      return std::string(recognised ? "OK" : "not recognised");
    };
  }

  LastCall Grant() {
    const v1::AnswerIdentityVerificationRequest answer = RightAnswer();
    const auto granted = world_.Call(world_.Enter(agent_), AnswerIdentityVerification, answer);
    EXPECT_EQ(granted->outcome(), v1::VERIFICATION_OUTCOME_SUCCESS) << granted.status();
    auto reset = AboutAsha<v1::ResetPasswordRequest>();
    reset.mutable_identity_check()->set_verification_id(answer.verification_id());
    return
        [this, reset] { return Outcome(world_.Call(world_.Enter(agent_), ResetPassword, reset)); };
  }

  LastCall Registration() {
    v1::RegisterAuthenticationMethodRequest request;
    request.set_password(kPassword);
    request.set_kind(v1::AUTHENTICATION_METHOD_KIND_VOICE);
    request.set_label("at home");
    request.set_phone_number("+441134960999");
    const auto registered = world_.Call(world_.Enter(asha_), RegisterAuthenticationMethod, request);
    EXPECT_TRUE(registered.ok()) << registered.status();
    const std::string method_id = registered->method().method_id();
    return [this, method_id, code = CodeSent()] {
      return Outcome(Confirm(world_.Enter(asha_), method_id, code));
    };
  }

  // --- What comes in between ---

  void StopEverything() {
    v1::RevokeEverythingRequest request;
    request.set_reason("the portal leaks tokens");
    Must(operator_, RevokeEverything, request);
  }

  void EndAllSessions() { Must(asha_, RevokeAllSessions, v1::RevokeAllSessionsRequest()); }

  void EndTheOtherSessions() {
    v1::RevokeAllSessionsRequest request;
    request.set_keep_current(true);
    Must(asha_, RevokeAllSessions, request);
  }

  void ChangeThePassword() {
    v1::ChangePasswordRequest request;
    request.set_current_password(kPassword);
    request.set_new_password("gravel-meadow-cobalt-58");
    Must(asha_, ChangePassword, request);
  }

  void RecoverThePassword() {
    const LastCall recovered = ProvenReset();
    EXPECT_EQ(recovered(), "OK");
  }

  void AddAMethod() { AddApp(asha_); }

  void RemoveTheMethod() {
    v1::RemoveAuthenticationMethodRequest request;
    request.set_method_id(telephone_);
    request.set_password(kPassword);
    Must(asha_, RemoveAuthenticationMethod, request);
  }

  void ResetTheMethods() { MustAct(ResetAuthenticationMethods); }
  void ResetThePassword() { MustAct(ResetPassword); }
  void Resecure() { MustAct(ResecureAccount); }
  void Disable() { MustAct(DisableAccount); }
  void Delete() { MustAct(DeleteAccount); }
  void Leave() { MustAct(MarkLeaver); }

  void Join() {
    world_.Change(
        asha_, [&](storage::AccountRecord& account) { account.leaver_at = world_.clock().Now(); });
    auto request = AboutAsha<v1::JoinOrganisationRequest>();
    request.set_organisation_id(hilltop_.value());
    Must(foreign_admin_, JoinOrganisation, request);
  }

 protected:
  // Whatever `act` changed of the account is put back: what is left is that it revoked.
  void Revoke(void (BeginningTest::*act)()) {
    const storage::AccountRecord before = world_.Find(asha_);
    (this->*act)();
    world_.Change(asha_, [&](storage::AccountRecord& account) {
      const storage::AccountRecord after = account;
      account = before;
      account.epoch = after.epoch;
      account.authorisation_version = after.authorisation_version;
      account.row_version = after.row_version;
    });
  }

 private:
  template <typename Request>
  Request AboutAsha() {
    Request request;
    request.set_account_id(asha_.value());
    request.set_reason("as agreed");
    if constexpr (requires { request.mutable_identity_check(); }) {
      request.mutable_identity_check()->mutable_attestation()->set_kind(
          v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
    }
    return request;
  }

  template <typename Request, typename Response>
  LastCall Calling(const std::string& token, World::Operation<Request, Response> operation,
                   Request request) {
    return [this, token, operation, request] {
      return Outcome(world_.Call(token, operation, request));
    };
  }

  template <typename Request, typename Response>
  void Must(const AccountId& actor, World::Operation<Request, Response> operation,
            const Request& request) {
    EXPECT_EQ(Outcome(world_.Call(world_.Enter(actor), operation, request)), "OK");
  }

  template <typename Request, typename Response>
  void MustAct(World::Operation<Request, Response> operation) {
    Must(admin_, operation, AboutAsha<Request>());
  }

  v1::VerifyPasswordResetCodeRequest ResetWithCode() {
    v1::StartPasswordResetRequest start;
    start.set_username("asha.patel");
    v1::SendPasswordResetCodeRequest send;
    send.set_reset_id(world_.Call("", StartPasswordReset, start)->reset_id());
    send.set_method_id(telephone_);
    EXPECT_EQ(Outcome(world_.Call("", SendPasswordResetCode, send)), "OK");
    v1::VerifyPasswordResetCodeRequest verify;
    verify.set_reset_id(send.reset_id());
    verify.set_method_id(telephone_);
    verify.set_code(CodeSent());
    return verify;
  }

  v1::AnswerIdentityVerificationRequest RightAnswer() {
    v1::StartIdentityVerificationRequest start;
    start.set_account_id(asha_.value());
    const auto started = world_.Call(world_.Enter(agent_), StartIdentityVerification, start);
    EXPECT_TRUE(started.ok()) << started.status();
    v1::AnswerIdentityVerificationRequest answer;
    answer.set_verification_id(started->verification_id());
    for (const int place : started->positions()) {
      answer.add_letters(std::string(1, kSecret[place - 1]));
    }
    return answer;
  }

  const storage::OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const AccountId admin_ = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  const AccountId agent_ = world_.AddPerson(riverside_, "desk", v1::ROLE_LOCAL_HELPDESK);
  const AccountId foreign_admin_ = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  const AccountId operator_ = world_.AddOperator();
  const std::string telephone_ = AddTelephone(asha_);
};

struct Beginning {
  const char* name;
  BeginningTest::LastCall (BeginningTest::*begin)();
  const char* over;      // what its last call is answered when it is
  int writes_ahead = 0;  // of the last call, before the one that commits
};

const Beginning kBeginnings[] = {
    {"SecondFactor", &BeginningTest::SecondFactor, "UNAUTHENTICATED / CHALLENGE_INVALID"},
    {"ResetByCode", &BeginningTest::ResetByCode, kResetInvalid},
    {"ProvenReset", &BeginningTest::ProvenReset, kResetInvalid},
    {"Verification", &BeginningTest::Verification, kVerificationInvalid, 1},
    {"Grant", &BeginningTest::Grant, kVerificationInvalid},
    {"Registration", &BeginningTest::Registration,
     "FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID"},
};

struct Revocation {
  const char* name;
  void (BeginningTest::*act)();
};

const Revocation kRevocations[] = {
    {"RevokeEverything", &BeginningTest::StopEverything},
    {"RevokeAllSessions", &BeginningTest::EndAllSessions},
    {"RevokeAllOtherSessions", &BeginningTest::EndTheOtherSessions},
    {"ChangePassword", &BeginningTest::ChangeThePassword},
    {"CompletePasswordReset", &BeginningTest::RecoverThePassword},
    {"ConfirmAuthenticationMethod", &BeginningTest::AddAMethod},
    {"RemoveAuthenticationMethod", &BeginningTest::RemoveTheMethod},
    {"ResetAuthenticationMethods", &BeginningTest::ResetTheMethods},
    {"ResetPassword", &BeginningTest::ResetThePassword},
    {"ResecureAccount", &BeginningTest::Resecure},
    {"DisableAccount", &BeginningTest::Disable},
    {"DeleteAccount", &BeginningTest::Delete},
    {"MarkLeaver", &BeginningTest::Leave},
    {"JoinOrganisation", &BeginningTest::Join},
};

class RevokedBeginningTest : public BeginningTest,
                             public testing::WithParamInterface<std::tuple<Beginning, Revocation>> {
 protected:
  const Beginning& beginning() const { return std::get<0>(GetParam()); }
  const Revocation& revocation() const { return std::get<1>(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Each, RevokedBeginningTest,
                         testing::Combine(testing::ValuesIn(kBeginnings),
                                          testing::ValuesIn(kRevocations)),
                         [](const auto& test) {
                           return absl::StrCat(std::get<0>(test.param).name, "And",
                                               std::get<1>(test.param).name);
                         });

TEST_P(RevokedBeginningTest, YieldsNothingAfterTheRevocation) {
  const LastCall last_call = (this->*beginning().begin)();
  Revoke(revocation().act);
  EXPECT_EQ(last_call(), beginning().over);
}

TEST_P(RevokedBeginningTest, YieldsNothingWhereTheRevocationComesInTheMiddleOfTheLastCall) {
  const LastCall last_call = (this->*beginning().begin)();
  world_.BeforeWrite(beginning().writes_ahead, [&] { Revoke(revocation().act); });
  EXPECT_THAT(last_call(), AnyOf(beginning().over, "UNAUTHENTICATED / SESSION_INVALID"));
}

// What is answered must not tell names from those that nobody has.
TEST_F(BeginningTest, AStopEndsTheResetsOfDecoysToo) {
  v1::StartPasswordResetRequest start;
  start.set_username("nobody");
  const auto started = world_.Call("", StartPasswordReset, start);
  ASSERT_TRUE(started.ok()) << started.status();
  Revoke(&BeginningTest::StopEverything);
  v1::VerifyPasswordResetCodeRequest verify;
  verify.set_reset_id(started->reset_id());
  verify.set_method_id(started->methods(0).method_id());
  verify.set_code("123456");
  EXPECT_EQ(Outcome(world_.Call("", VerifyPasswordResetCode, verify)), kResetInvalid);
}

class UndisturbedBeginningTest : public BeginningTest,
                                 public testing::WithParamInterface<Beginning> {};

INSTANTIATE_TEST_SUITE_P(Each, UndisturbedBeginningTest, testing::ValuesIn(kBeginnings),
                         [](const auto& test) { return test.param.name; });

TEST_P(UndisturbedBeginningTest, YieldsWhatItIsForWhereNothingComesInBetween) {
  EXPECT_EQ((this->*GetParam().begin)()(), "OK");
}

TEST_P(UndisturbedBeginningTest, YieldsWhatItIsForAfterAnEarlierStop) {
  Revoke(&BeginningTest::StopEverything);
  EXPECT_EQ((this->*GetParam().begin)()(), "OK");
}

}  // namespace
}  // namespace gatehouse::server
