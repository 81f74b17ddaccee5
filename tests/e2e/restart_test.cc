// Stops, restarts and losses of the parts: what was acknowledged stays, what was revoked stays
// revoked (design/revocation.md, R2), and what cannot be known is not called valid (R3).

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/staffed_server.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::Eq;

using Accounts = v1::AccountService::Stub;
using Sessions = v1::SessionService::Stub;

constexpr auto kCopyAll = std::filesystem::copy_options::recursive;

class RestartTest : public ::testing::Test {
 protected:
  std::string SignIn(const Person& person) {
    Actor actor = service_.NewActor();
    const auto answer = actor.SignIn(person.username, person.password);
    EXPECT_TRUE(answer.ok()) << answer;
    return actor.token();
  }

  std::vector<std::string> SignInOften(const Person& person) {
    return {SignIn(person), SignIn(person), SignIn(person)};
  }

  // "OK" or the reason, for each.
  std::vector<std::string> Verdicts(const std::vector<std::string>& tokens) {
    std::vector<std::string> verdicts;
    for (const std::string& token : tokens) {
      const auto answer = service_.Holder(token).Validate();
      verdicts.push_back(answer.ok() ? "OK" : answer.reason());
    }
    return verdicts;
  }

  // Health notices a lost Redis after a while, and may say SERVING all along: who asks is told.
  void WaitUntilRedisIsBack() {
    EXPECT_TRUE(harness::WaitUntil([&] { return service_.administrator().Validate().ok(); }));
  }

  StaffedServer service_{{.hashing = Hashing::kCheap}};
  const Person asha_ = service_.CreatePerson("asha.patel");
  const Person kim_ = service_.CreatePerson("kim.okafor");
};

TEST_F(RestartTest, AStopLetsCallsEndAndLosesNothingThatWasAnswered) {
  std::atomic<int> answered = 0;
  std::vector<std::vector<std::string>> tokens(8);
  std::vector<std::thread> callers;
  for (size_t i = 0; i < tokens.size(); ++i) {
    callers.emplace_back([&, i] {
      while (true) {
        Actor actor = service_.NewActor();
        const auto answer = actor.SignIn(asha_.username, asha_.password);
        if (!answer.ok()) {
          // gRPC itself cancels a call that comes between the signal and its farewell.
          EXPECT_THAT(answer.status.error_code(),
                      AnyOf(grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::CANCELLED))
              << answer;
          return;
        }
        tokens[i].push_back(actor.token());
        ++answered;
      }
    });
  }
  EXPECT_TRUE(harness::WaitUntil([&] { return answered >= 50; }));
  EXPECT_EQ(service_.server().Terminate(), 0);
  for (std::thread& caller : callers) caller.join();

  service_.Restart();
  for (const std::vector<std::string>& of_one : tokens) EXPECT_THAT(Verdicts(of_one), Each("OK"));
}

TEST_F(RestartTest, AccountsSessionsAndAuditOutliveTheServer) {
  const std::vector<std::string> sessions = SignInOften(asha_);
  v1::GetAccountRequest question;
  question.set_account_id(asha_.account_id);
  const auto read = [&] {
    const auto account = service_.administrator().Call(&Accounts::GetAccount, question);
    EXPECT_TRUE(account.ok()) << account;
    return account.response.SerializeAsString();
  };
  const auto audit_rows = [&] { return service_.AuditEvents({}).size(); };
  const std::string account = read();
  const size_t rows = audit_rows();

  for (const bool orderly : {true, false}) {
    if (orderly) {
      EXPECT_EQ(service_.server().Terminate(), 0);
    } else {
      service_.server().Kill9();
    }
    service_.Restart();
    EXPECT_EQ(read(), account);
    EXPECT_EQ(audit_rows(), rows);
    EXPECT_THAT(Verdicts(sessions), Each("OK"));
  }
}

TEST_F(RestartTest, RevokedSessionsStayRevokedWhenRedisComesBackWithAnOlderDump) {
  const harness::TemporaryDirectory older;
  const std::vector<std::string> resecured = SignInOften(asha_);
  const std::vector<std::string> of_kim = SignInOften(kim_);
  harness::RedisProcess& redis = service_.redis();
  redis.Terminate();
  std::filesystem::copy(redis.data_directory(), older / "data", kCopyAll);
  redis.Start();
  WaitUntilRedisIsBack();

  ASSERT_TRUE(service_.administrator()
                  .Call(&Accounts::ResecureAccount,
                        Attested<v1::ResecureAccountRequest>(asha_.account_id, "stolen laptop"))
                  .ok());
  v1::RevokeSessionRequest one;
  one.set_session_token(of_kim[0]);
  ASSERT_TRUE(service_.Holder(of_kim[1]).Call(&Sessions::RevokeSession, one).ok());

  redis.Kill9();
  std::filesystem::remove_all(redis.data_directory());
  std::filesystem::copy(older / "data", redis.data_directory(), kCopyAll);
  redis.Start();
  WaitUntilRedisIsBack();
  EXPECT_EQ(redis.Command({"EXISTS", absl::StrCat("gh:{", asha_.account_id, "}")}), "1")
      << "the older dump does hold what was revoked";
  const auto expect_as_revoked = [&] {
    EXPECT_THAT(Verdicts(resecured), Each("SESSION_INVALID"));
    EXPECT_EQ(Verdicts(of_kim), (std::vector<std::string>{"SESSION_INVALID", "OK", "OK"}));
  };
  expect_as_revoked();
  service_.server().Kill9();
  service_.Restart();
  expect_as_revoked();
}

TEST_F(RestartTest, AFlushedRedisOnlySignsPeopleOut) {
  const std::vector<std::string> sessions = SignInOften(asha_);
  service_.redis().Command({"FLUSHALL"});
  EXPECT_THAT(Verdicts(sessions), Each("SESSION_INVALID"));
  EXPECT_TRUE(service_.server().Serving());
  EXPECT_EQ(Verdicts({SignIn(asha_)}), std::vector<std::string>{"OK"});
  EXPECT_THAT(Verdicts(sessions), Each("SESSION_INVALID"));
}

TEST_F(RestartTest, WithoutRedisNothingIsCalledValidAndItRecoversByItself) {
  const std::vector<std::string> sessions = SignInOften(asha_);
  service_.redis().Kill9();
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Verdicts(sessions), Each("STORE_UNAVAILABLE"));
  EXPECT_EQ(service_.Holder(sessions[0]).Validate().status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(harness::WaitUntil([&] { return !service_.server().Serving(); }));

  service_.redis().Start();
  service_.server().WaitUntilServing();
  EXPECT_THAT(Verdicts(sessions), Each("OK"));
}

TEST_F(RestartTest, APausedRedisIsAnsweredForWithinTheDeadline) {
  const std::vector<std::string> sessions = SignInOften(asha_);
  service_.redis().Pause();
  // The server's own reasons: where the caller's patience ended first, there would be none.
  EXPECT_THAT(Verdicts(sessions), Each(AnyOf(Eq("STORE_UNAVAILABLE"), Eq("DEADLINE_EXCEEDED"))));

  service_.redis().Resume();
  WaitUntilRedisIsBack();
  EXPECT_THAT(Verdicts(sessions), Each("OK"));
}

TEST_F(RestartTest, ARevocationSucceedsWhileRedisIsAwayOrChangesNothing) {
  const std::vector<std::string> sessions = SignInOften(asha_);
  v1::RevokeAllSessionsRequest request;
  request.set_account_id(asha_.account_id);
  request.set_reason("while Redis is away");
  request.set_request_id(cli::NewRequestId());
  service_.redis().Kill9();
  const auto away = service_.administrator().Call(&Sessions::RevokeAllSessions, request);
  EXPECT_TRUE(away.ok() || away.status.error_code() == grpc::StatusCode::UNAVAILABLE) << away;

  service_.redis().Start();
  WaitUntilRedisIsBack();
  EXPECT_THAT(Verdicts(sessions), Each(away.ok() ? "SESSION_INVALID" : "OK"));
  const auto retried = service_.administrator().Call(&Sessions::RevokeAllSessions, request);
  EXPECT_TRUE(retried.ok()) << retried;
  EXPECT_THAT(Verdicts(sessions), Each("SESSION_INVALID"));
}

}  // namespace
}  // namespace gatehouse::e2e
