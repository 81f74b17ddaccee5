// Signing in: what is told, what is counted, and what a session is good for.
#include <atomic>
#include <string>
#include <thread>
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

class SignInTest : public testing::Test {
 protected:
  absl::StatusOr<v1::CreateSessionResponse> Try(absl::string_view username,
                                                absl::string_view password,
                                                absl::string_view address = "") {
    v1::CreateSessionRequest request;
    request.set_username(std::string(username));
    request.set_password(std::string(password));
    request.mutable_client()->set_ip_address(std::string(address));
    return CreateSession(world_.dependencies(), world_.ContextOf("", request), request);
  }

  void GuessWrong(int times) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(Outcome(Try("asha.patel", "not it")), "UNAUTHENTICATED / INVALID_CREDENTIALS");
    }
  }

  bool IsLocked() { return world_.Find(asha_).locked_at.has_value(); }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const storage::AccountId asha_ = world_.AddPerson(riverside_, "asha.patel");
};

TEST_F(SignInTest, TheRightPasswordOpensAFullSessionForWhoHasNothingLeftToDo) {
  const auto answer = Try("asha.patel", kPassword);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->session().level(), v1::SESSION_LEVEL_FULL);
  EXPECT_EQ(answer->session().account_id(), asha_.value());
  EXPECT_TRUE(answer->session().current());
  EXPECT_EQ(Outcome(world_.Call(answer->session_token(), GetAccount, {})), "OK");
}

TEST_F(SignInTest, TheUsernameIsTheSameHoweverItIsTyped) {
  for (const char* typed : {"ASHA.PATEL", "Asha.Patel", "\uff41sha.patel"}) {
    EXPECT_EQ(Outcome(Try(typed, kPassword)), "OK") << typed;
  }
}

TEST_F(SignInTest, UnknownWrongAndLockedAreAnsweredToTheLetterAlike) {
  const auto wrong = Try("asha.patel", "not it").status();
  const auto unknown = Try("nobody.here", "not it").status();
  world_.Change(asha_,
                [&](storage::AccountRecord& account) { account.locked_at = world_.clock().Now(); });
  const auto locked = Try("asha.patel", kPassword).status();
  EXPECT_EQ(wrong, unknown) << "code, text and every detail";
  EXPECT_EQ(wrong, locked) << "code, text and every detail";
}

TEST_F(SignInTest, TheThirteenthWrongPasswordLocksAndTheTwelfthDoesNot) {
  GuessWrong(12);
  EXPECT_FALSE(IsLocked());
  GuessWrong(1);
  EXPECT_TRUE(IsLocked());
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "UNAUTHENTICATED / INVALID_CREDENTIALS");
}

TEST_F(SignInTest, ARightPasswordClearsTheCount) {
  GuessWrong(12);
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
  GuessWrong(12);
  EXPECT_FALSE(IsLocked());
}

TEST_F(SignInTest, WrongPasswordsOfEveryMethodCountTogether) {
  const std::string token = world_.Enter(asha_);
  GuessWrong(11);
  v1::ChangePasswordRequest change;
  change.set_current_password("not it");
  change.set_new_password("basalt-orchard-viola-93");
  EXPECT_EQ(Outcome(world_.Call(token, ChangePassword, change)),
            "FAILED_PRECONDITION / PASSWORD_WRONG");
  v1::SetAccountSecretRequest secret;
  secret.set_password("not it");
  secret.set_account_secret("HARBOURLIGHT");
  EXPECT_EQ(Outcome(world_.Call(token, SetAccountSecret, secret)),
            "FAILED_PRECONDITION / PASSWORD_WRONG");
  EXPECT_TRUE(IsLocked());
}

TEST_F(SignInTest, ParallelGuessesGetNoMoreEvaluationsThanTheLimitAndThenTheRightOneIsRefused) {
  constexpr int kThreads = 8;
  constexpr int kGuesses = 12;  // each: many more than the limit in all
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kGuesses; ++i) refused += Try("asha.patel", "not it").ok() ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, kThreads * kGuesses);
  int evaluated = 0;
  for (const storage::AuditRecord& audit : world_.Audit(riverside_)) {
    const auto cause = audit.details.find("cause");
    if (cause != audit.details.end() && cause->second == "wrong password") ++evaluated;
  }
  EXPECT_EQ(evaluated, 13);
  EXPECT_TRUE(IsLocked());
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "UNAUTHENTICATED / INVALID_CREDENTIALS");
}

TEST_F(SignInTest, ParallelRightPasswordsAllSucceed) {
  constexpr int kThreads = 20;
  std::atomic<int> succeeded = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] { succeeded += Try("asha.patel", kPassword).ok() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(succeeded, kThreads);
}

TEST_F(SignInTest, AnAttemptThatNobodySettledFailsAfterAMinute) {
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(world_.accounts()
                    .Transact([&](storage::Transaction& transaction) {
                      return transaction.ReservePasswordAttempt("account:" + asha_.value(),
                                                                "abandoned-" + std::to_string(i),
                                                                world_.clock().Now());
                    })
                    .ok());
  }
  world_.Advance(absl::Seconds(60));
  GuessWrong(1);
  EXPECT_TRUE(IsLocked()) << "twelve abandoned ones and a wrong one";
}

TEST_F(SignInTest, ThirtyWrongOnesFromOneAddressCloseThatAddressAndNoOther) {
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(Outcome(Try("nobody." + std::to_string(i), "not it", "192.0.2.7")),
              "UNAUTHENTICATED / INVALID_CREDENTIALS");
  }
  const auto closed = Try("asha.patel", kPassword, "192.0.2.7").status();
  EXPECT_EQ(Outcome(closed), "RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS");
  EXPECT_TRUE(FindDetail<google::rpc::RetryInfo>(closed).has_value());
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword, "192.0.2.8")), "OK");
  world_.Advance(absl::Minutes(10) + absl::Microseconds(1));
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword, "192.0.2.7")), "OK");
}

TEST_F(SignInTest, AnIpv6SourceIsItsSlash64) {
  for (int i = 0; i < 30; ++i) {
    Try("nobody", "not it", "2001:db8:1:2::" + std::to_string(i + 1)).status().IgnoreError();
  }
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword, "2001:db8:1:2:ffff::1")),
            "RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword, "2001:db8:1:3::1")), "OK");
}

TEST_F(SignInTest, AnIpv4ClientOfADualStackSocketIsItsIpv4Address) {
  for (int i = 0; i < 30; ++i) Try("nobody", "not it", "::ffff:192.0.2.7").status().IgnoreError();
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword, "192.0.2.7")),
            "RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS");
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword, "::ffff:192.0.2.8")), "OK");
}

TEST_F(SignInTest, OnlyTheRightPasswordLearnsThatTheAccountIsDisabled) {
  world_.Change(
      asha_, [](storage::AccountRecord& account) { account.status = v1::ACCOUNT_STATUS_DISABLED; });
  EXPECT_EQ(Outcome(Try("asha.patel", "not it")), "UNAUTHENTICATED / INVALID_CREDENTIALS");
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "FAILED_PRECONDITION / ACCOUNT_DISABLED");
}

TEST_F(SignInTest, ATemporaryPasswordDiesAfterSeventyTwoHours) {
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.password.changed_at = world_.clock().Now();
    account.password.temporary_until = world_.clock().Now() + absl::Hours(72);
    account.password.must_change = true;
  });
  world_.Advance(absl::Hours(72) - absl::Microseconds(1));
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
  world_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)),
            "FAILED_PRECONDITION / TEMPORARY_PASSWORD_EXPIRED");
}

TEST_F(SignInTest, ATemporaryPasswordThatNeedNotBeChangedStaysOnceItWasUsed) {
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.password.changed_at = world_.clock().Now();
    account.password.temporary_until = world_.clock().Now() + absl::Hours(72);
  });
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
  world_.Advance(absl::Hours(73));
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
}

TEST_F(SignInTest, ATemporaryPasswordThatWasUsedStaysThoughSomethingElseIsLeftToDo) {
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.password.changed_at = world_.clock().Now();
    account.password.temporary_until = world_.clock().Now() + absl::Hours(72);
    account.profile_confirmed_at.reset();
  });
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
  world_.Advance(absl::Hours(73));
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
}

TEST_F(SignInTest, ANewVersionOfTheAupRestrictsTheNextSignInAndNoOpenSession) {
  const std::string before = Try("asha.patel", kPassword)->session_token();
  world_.PublishAup("2026-12");
  EXPECT_EQ(Outcome(world_.Call(before, GetAccount, {})), "OK");
  const auto after = Try("asha.patel", kPassword);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->session().level(), v1::SESSION_LEVEL_RESTRICTED);
  EXPECT_THAT(after->session().required_actions(), ElementsAre(v1::REQUIRED_ACTION_ACCEPT_AUP));
}

TEST_F(SignInTest, APasswordIsGoodForAYearAndTheNextOneForAnother) {
  const auto let_pass = [&](absl::Duration time) {  // in daily use
    world_.Advance(time);
    world_.Change(asha_, [&](storage::AccountRecord& account) {
      account.last_used_at = world_.clock().Now();
    });
  };
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.password.changed_at = world_.clock().Now();
  });
  std::string password = kPassword;
  for (const char* next : {"basalt-orchard-viola-93", "cobalt-linen-marsh-64"}) {
    let_pass(absl::Hours(24 * 365) - absl::Microseconds(1));
    EXPECT_EQ(Try("asha.patel", password)->session().level(), v1::SESSION_LEVEL_FULL);
    let_pass(absl::Microseconds(1));
    const auto expired = Try("asha.patel", password);
    ASSERT_TRUE(expired.ok()) << expired.status();
    EXPECT_THAT(expired->session().required_actions(),
                ElementsAre(v1::REQUIRED_ACTION_CHANGE_PASSWORD));
    v1::ChangePasswordRequest change;
    change.set_current_password(password);
    change.set_new_password(next);
    ASSERT_EQ(Outcome(world_.Call(expired->session_token(), ChangePassword, change)), "OK");
    password = next;
  }
}

TEST_F(SignInTest, AnExpiredPasswordMustBeChanged) {
  world_.Change(asha_, [&](storage::AccountRecord& account) {
    account.password.changed_at = world_.clock().Now() - absl::Hours(24 * 365);
  });
  const auto answer = Try("asha.patel", kPassword);
  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(answer->session().required_actions(),
              ElementsAre(v1::REQUIRED_ACTION_CHANGE_PASSWORD));
}

TEST_F(SignInTest, ASignInThatReachesFullMakesAnInactiveAccountActive) {
  world_.Advance(absl::Hours(24 * 31));
  ASSERT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
  EXPECT_EQ(world_.Find(asha_).status, v1::ACCOUNT_STATUS_ACTIVE);
  EXPECT_EQ(world_.Find(asha_).status_changed_at, world_.clock().Now());
}

TEST_F(SignInTest, AHashOfFormerParametersIsMadeAnewByTheRightPasswordAlone) {
  const Dependencies& server = world_.dependencies();
  std::string former;
  {
    auto permit = server.hash_gate.Acquire(absl::InfiniteFuture(), [] { return false; });
    ASSERT_TRUE(permit.ok());
    former = *server.hasher.Hash(*permit, SecretString(kPassword),
                                 {.memory_kib = 64, .passes = 5, .parallelism = 1});
  }
  world_.Change(asha_, [&](storage::AccountRecord& account) { account.password.phc = former; });
  GuessWrong(1);
  EXPECT_EQ(world_.Find(asha_).password.phc, former);
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
  EXPECT_NE(world_.Find(asha_).password.phc, former);
  EXPECT_EQ(Outcome(Try("asha.patel", kPassword)), "OK");
}

TEST_F(SignInTest, EveryFaultOfARequestIsToldAtOnce) {
  v1::CreateSessionRequest request;
  request.set_username(std::string("bell\a"));
  request.mutable_client()->set_ip_address("999.1.1.1");
  request.mutable_client()->set_device_label(std::string(129, 'x'));
  const auto answer = CreateSession(world_.dependencies(), world_.ContextOf("", request), request);
  EXPECT_EQ(Outcome(answer), "INVALID_ARGUMENT / FIELDS_INVALID");
  EXPECT_THAT(FaultyFields(answer.status()),
              ElementsAre("username", "password", "client.ip_address", "client.device_label"));
}

TEST_F(SignInTest, RefusalsAreInTheAuditLogWithTheirCause) {
  GuessWrong(1);
  const auto events = world_.Audit(riverside_);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events[0].action, "SIGN_IN");
  EXPECT_EQ(events[0].outcome, v1::AUDIT_OUTCOME_DENIED);
  EXPECT_EQ(events[0].details.at("cause"), "wrong password");
  EXPECT_THAT(events[0].reasons, ElementsAre("INVALID_CREDENTIALS"));
}

}  // namespace
}  // namespace gatehouse::server
