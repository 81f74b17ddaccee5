// What comes in between while a call is under way: its duplicate, an unlock, a conflict, a database
// that falls silent around the commit, another key ring, a clock that is put back.
#include <atomic>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "server/operations/errors.h"
#include "server/operations/session_operations.h"
#include "tests/harness/wait.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kNewPassword[] = "basalt-orchard-viola-93";

class InFlightTest : public testing::Test {
 protected:
  absl::StatusOr<v1::CreateSessionResponse> SignIn(absl::string_view password) {
    v1::CreateSessionRequest request;
    request.set_username("asha.patel");
    request.set_password(std::string(password));
    return CreateSession(world_.dependencies(), world_.ContextOf("", request), request);
  }

  v1::ChangePasswordRequest Change() {
    v1::ChangePasswordRequest request;
    request.set_request_id(world_.NewRequestId());
    request.set_current_password(kPassword);
    request.set_new_password(kNewPassword);
    return request;
  }

  template <typename Request>
  Request AboutAsha() {
    Request request;
    request.set_request_id(world_.NewRequestId());
    request.set_account_id(asha_.value());
    request.set_reason("asked for at the desk");
    request.mutable_identity_check()->mutable_attestation()->set_kind(
        v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
    return request;
  }

  // The account is locked, and at once unlocked by the administrator.
  void LockAndUnlock() {
    world_.Change(
        asha_, [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
    const auto unlocked =
        world_.Call(administrator_, UnlockAccount, AboutAsha<v1::UnlockAccountRequest>());
    EXPECT_TRUE(unlocked.ok()) << unlocked.status();
  }

  // Nothing can be read any more, also by a reading that had begun.
  void SilenceTheDatabase() {
    const auto refused = std::make_shared<std::atomic<int>>(0);
    world_.accounts().BeforeRead([refused] {
      ++*refused;
      return absl::UnavailableError("silent");
    });
    EXPECT_TRUE(harness::WaitUntil([&] { return *refused > 0; }));
  }

  storage::PasswordAttempts Attempts() {
    storage::PasswordAttempts attempts;
    const absl::Status read = world_.accounts().Read([&](storage::Transaction& transaction) {
      attempts = *transaction.FindPasswordAttempts("account:" + asha_.value());
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return attempts;
  }

  storage::AuditRecord LastEvent() { return world_.Audit(riverside_).at(0); }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
  const std::string administrator_ =
      world_.Enter(world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN));
};

TEST_F(InFlightTest, ADuplicateOfAChangeOfPasswordIsAnsweredAlikeAndCountsAsNoGuess) {
  const std::string token = world_.Enter(asha_);
  const v1::ChangePasswordRequest request = Change();
  world_.BeforeWrite(0, [&] {
    const auto first = world_.Call(token, ChangePassword, request);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_FALSE(first->replayed());
  });
  const auto duplicate = world_.Call(token, ChangePassword, request);
  ASSERT_TRUE(duplicate.ok()) << duplicate.status();
  EXPECT_TRUE(duplicate->replayed());
  EXPECT_EQ(duplicate->session_token(), "");
  EXPECT_EQ(Attempts().failures, 0);
  EXPECT_TRUE(Attempts().pending.empty());
}

TEST_F(InFlightTest, WhoseSessionHasEndedMeanwhileIsNotEvenCompared) {
  const std::string token = world_.Enter(asha_);
  world_.BeforeWrite(0, [&] {
    const auto resecured =
        world_.Call(administrator_, ResecureAccount, AboutAsha<v1::ResecureAccountRequest>());
    ASSERT_TRUE(resecured.ok()) << resecured.status();
  });
  EXPECT_EQ(Outcome(world_.Call(token, ChangePassword, Change())),
            "UNAUTHENTICATED / SESSION_INVALID");
  EXPECT_EQ(Attempts().failures, 0);
  EXPECT_TRUE(Attempts().pending.empty());
}

TEST_F(InFlightTest, AWrongPasswordThatAnUnlockOvertakesIsRefusedCountedAndAudited) {
  world_.BeforeWrite(1, [&] { LockAndUnlock(); });
  EXPECT_EQ(Outcome(SignIn("not it")), "UNAUTHENTICATED / INVALID_CREDENTIALS");
  EXPECT_EQ(LastEvent().action, "SIGN_IN");
  EXPECT_EQ(LastEvent().details.at("cause"), "wrong password");
  EXPECT_EQ(Attempts().failures, 1);
}

TEST_F(InFlightTest, ARightPasswordThatAnUnlockOvertakesSignsIn) {
  world_.BeforeWrite(1, [&] { LockAndUnlock(); });
  EXPECT_EQ(Outcome(SignIn(kPassword)), "OK");
  EXPECT_EQ(Attempts().failures, 0);
}

TEST_F(InFlightTest, ARightPasswordThatARevocationOvertakesOpensNothingAndCountsAsNoGuess) {
  const storage::AccountId an_operator = world_.AddOperator();
  const struct {
    const char* what;
    std::function<std::string()> revoke;
  } cases[] = {
      {"the end of all her sessions",
       [&] { return Outcome(world_.Call(world_.Enter(asha_), RevokeAllSessions, {})); }},
      {"the emergency stop",
       [&] {
         v1::RevokeEverythingRequest stop;
         stop.set_reason("the portal leaks tokens");
         return Outcome(world_.Call(world_.Enter(an_operator), RevokeEverything, stop));
       }},
  };
  for (const auto& [what, revoke] : cases) {
    world_.BeforeWrite(1, [&revoke = revoke] { EXPECT_EQ(revoke(), "OK"); });
    EXPECT_EQ(Outcome(SignIn(kPassword)), "ABORTED / CONFLICT") << what;
    EXPECT_EQ(LastEvent().details.at("cause"), "sessions ended meanwhile") << what;
    EXPECT_EQ(Attempts().failures, 0) << what;
    EXPECT_EQ(Outcome(SignIn(kPassword)), "OK") << what;
  }
}

TEST_F(InFlightTest, ASignInThatTookLongerThanAMinuteHasFailedAndIsAudited) {
  world_.BeforeWrite(1, [&] { world_.Advance(absl::Seconds(60)); });
  EXPECT_EQ(Outcome(SignIn(kPassword)), "DEADLINE_EXCEEDED / DEADLINE_EXCEEDED");
  EXPECT_EQ(LastEvent().action, "SIGN_IN");
  EXPECT_EQ(LastEvent().outcome, v1::AUDIT_OUTCOME_DENIED);
  EXPECT_EQ(LastEvent().details.at("cause"), "took too long");
}

TEST_F(InFlightTest, AResecureThatIsNotProvenInTimeSaysThatItIsDoneAndIsProvenWhenRepeated) {
  const std::string token = world_.Enter(asha_);
  const auto request = AboutAsha<v1::ResecureAccountRequest>();
  world_.BeforeWrite(0, [&] {
    SilenceTheDatabase();
    world_.clock().StepTo(world_.clock().Now() + absl::Seconds(10));  // the call's deadline
  });
  const auto first = world_.Call(administrator_, ResecureAccount, request);
  EXPECT_EQ(Outcome(first), "UNAVAILABLE / REVOCATION_NOT_PROVEN");
  EXPECT_THAT(std::string(first.status().message()),
              HasSubstr("it is done and stays done, but it is not yet proven"));
  EXPECT_TRUE(FindDetail<google::rpc::RetryInfo>(first.status()).has_value());

  world_.accounts().BeforeRead(nullptr);
  EXPECT_TRUE(world_.Find(asha_).resecured_at.has_value());
  const auto again = world_.Call(administrator_, ResecureAccount, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  EXPECT_GT(again->receipt().revocation().position(), 0);
  EXPECT_EQ(Outcome(world_.Call(token, GetAccount, {})), "UNAUTHENTICATED / SESSION_INVALID");
}

TEST_F(InFlightTest, ACommitWhoseAnswerIsLostIsNotCalledUndoneAndNotDoneTwice) {
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  const auto request = AboutAsha<v1::UnlockAccountRequest>();
  world_.accounts().AfterWrite([] { return absl::UnavailableError("the answer is lost"); });
  const auto first = world_.Call(administrator_, UnlockAccount, request);
  EXPECT_EQ(Outcome(first), "UNAVAILABLE / STORE_UNAVAILABLE");
  EXPECT_THAT(std::string(first.status().message()), Not(HasSubstr("nothing was")));

  world_.accounts().AfterWrite(nullptr);
  const auto again = world_.Call(administrator_, UnlockAccount, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
}

TEST_F(InFlightTest, ARepetitionThatNoKeyCanCompareIsNotTakenForAnotherPayload) {
  const auto request = AboutAsha<v1::ResecureAccountRequest>();
  ASSERT_EQ(Outcome(world_.Call(administrator_, ResecureAccount, request)), "OK");
  const std::string before = world_.Everything();
  world_.ReplaceKeyRing();
  EXPECT_EQ(Outcome(world_.Call(administrator_, ResecureAccount, request)),
            "UNAVAILABLE / KEY_UNAVAILABLE");
  EXPECT_EQ(world_.Everything(), before);
}

TEST_F(InFlightTest, AWallClockThatIsPutBackLengthensNoSession) {
  const std::string token = world_.Enter(asha_);
  world_.Advance(absl::Minutes(59));
  world_.clock().StepTo(world_.clock().Now() - absl::Hours(24));
  EXPECT_EQ(Outcome(world_.Call(token, ListSessions, {})), "OK");
  world_.Advance(absl::Minutes(61));
  EXPECT_EQ(Outcome(world_.Call(token, ListSessions, {})), "UNAUTHENTICATED / SESSION_INVALID");
}

// A transaction's body may run again after a conflict: nothing of the first run may be left.
TEST_F(InFlightTest, AConflictInEveryTransactionChangesNoAnswer) {
  world_.accounts().RunBodiesTwice();
  v1::BatchCheckEligibilityRequest question;
  question.add_account_ids(asha_.value());
  question.add_actions(v1::ACTION_RESECURE_ACCOUNT);
  const auto eligible = world_.Call(administrator_, BatchCheckEligibility, question);
  ASSERT_TRUE(eligible.ok()) << eligible.status();
  EXPECT_EQ(eligible->results_size(), 1);

  const auto resecured =
      world_.Call(administrator_, ResecureAccount, AboutAsha<v1::ResecureAccountRequest>());
  ASSERT_TRUE(resecured.ok()) << resecured.status();
  EXPECT_EQ(resecured->receipt().steps_size(), 4);
  EXPECT_EQ(resecured->receipt().audit_sequence(), LastEvent().sequence);
  EXPECT_EQ(world_.Outbox().size(), 1u);

  const std::string token = world_.SettleIn("asha.patel", resecured->temporary_password(),
                                            "MOONLITHARBOUR", kNewPassword);
  const auto sessions = world_.Call(token, ListSessions, {});
  ASSERT_TRUE(sessions.ok()) << sessions.status();
  EXPECT_EQ(sessions->sessions_size(), 1);
  EXPECT_EQ(Attempts().failures, 0);
  EXPECT_TRUE(Attempts().pending.empty());
}

}  // namespace
}  // namespace gatehouse::server
