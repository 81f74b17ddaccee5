// A request that is sent again and again because its answers are lost has one effect
// (quality/invariants.md, 12). Answers are lost by deadlines that run out while the server works:
// some before it has begun, some after it is done. gatehousectl's are lost on the wire.
//
// GATEHOUSE_SEED repeats the deadlines.

#include <atomic>
#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

#include "clients/cli/credentials_file.h"
#include "clients/cli/exit_code.h"
#include "tests/e2e/losing_relay.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/server_process.h"
#include "tests/harness/setting.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::e2e {
namespace {

using Accounts = v1::AccountService::Stub;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kDuplicates = 50;
constexpr int kLongestWaitMicroseconds = 30'000;

class RetryTest : public ::testing::Test {
 protected:
  // All at once, each with a deadline of its own; how many were answered in time.
  template <typename Stub, typename Request, typename Response>
  int SendDuplicates(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request) {
    const auto channel = service_.server().NewChannel();
    const std::string authorization = "Bearer " + service_.administrator().token();
    std::vector<std::thread> callers;
    std::atomic<int> answered = 0;
    for (int i = 0; i < kDuplicates; ++i) {
      const auto wait =
          std::chrono::microseconds(random_() % static_cast<uint64_t>(kLongestWaitMicroseconds));
      callers.emplace_back([&, wait] {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + wait);
        context.AddMetadata("authorization", authorization);
        Response response;
        Stub stub(channel);
        if ((stub.*method)(&context, request, &response).ok()) ++answered;
      });
    }
    for (std::thread& caller : callers) caller.join();
    return answered;
  }

  size_t Events(v1::Action action, const std::string& account_id) {
    v1::ListAuditEventsRequest request;
    request.set_target_account_id(account_id);
    request.add_actions(action);
    request.set_outcome(v1::AUDIT_OUTCOME_SUCCEEDED);
    return service_.AuditEvents(request).size();
  }

  // gatehousectl over the relay, as the administrator; what it printed is in its log.
  cli::ExitCode Run(const LosingRelay& relay, const std::vector<std::string>& words) {
    const std::string credentials = directory_ / "credentials";
    EXPECT_TRUE(cli::CredentialsFile(credentials)
                    .Keep(relay.address(), service_.administrator().token())
                    .ok());
    std::vector<std::string> arguments = {harness::BinaryPath("gatehousectl"), "--server",
                                          relay.address(), "--credentials", credentials};
    arguments.insert(arguments.end(), words.begin(), words.end());
    harness::ChildProcess gatehousectl(
        {.arguments = arguments, .log = directory_ / std::to_string(++runs_)});
    const int exit_code = gatehousectl.Wait();
    printed_ = gatehousectl.LogText();
    return static_cast<cli::ExitCode>(exit_code);
  }

  void Report(int answered) const {
    std::cout << kDuplicates << " duplicates, " << kDuplicates - answered
              << " answers lost, 1 effect; seed " << seed_ << std::endl;
  }

  const uint64_t seed_ = harness::Setting("GATEHOUSE_SEED", std::random_device()());
  std::mt19937_64 random_{seed_};
  StaffedServer service_{{.hashing = Hashing::kCheap}};
  harness::TemporaryDirectory directory_;
  std::string printed_;  // by the latest run of gatehousectl
  int runs_ = 0;
};

TEST_F(RetryTest, FiftyDuplicatesCreateOneAccount) {
  v1::CreateAccountRequest request = service_.NewAccount("asha.patel");
  request.set_request_id(cli::NewRequestId());
  const int answered = SendDuplicates(&Accounts::CreateAccount, request);

  const auto answer = service_.administrator().Call(&Accounts::CreateAccount, request);
  ASSERT_TRUE(answer.ok()) << answer;
  EXPECT_EQ(Events(v1::ACTION_CREATE_ACCOUNT, answer->account().account_id()), 1u);
  v1::ListAccountsRequest list;
  list.set_name_prefix("asha.patel");
  EXPECT_THAT(service_.administrator().Call(&Accounts::ListAccounts, list)->accounts(), SizeIs(1));
  Report(answered);

  request.mutable_profile()->set_given_name("Another");
  EXPECT_EQ(service_.administrator().Call(&Accounts::CreateAccount, request).reason(),
            "REQUEST_ID_REUSED");
}

TEST_F(RetryTest, FiftyDuplicatesResecureOnceAndTellTheTemporaryPasswordOnce) {
  const Person person = service_.CreatePerson("asha.patel");
  auto request = Attested<v1::ResecureAccountRequest>(person.account_id, "in the wrong hands");
  request.set_request_id(cli::NewRequestId());
  const int answered = SendDuplicates(&Accounts::ResecureAccount, request);

  const auto answer = service_.administrator().Call(&Accounts::ResecureAccount, request);
  ASSERT_TRUE(answer.ok()) << answer;
  EXPECT_EQ(answer->replayed(), answer->temporary_password().empty());
  EXPECT_EQ(answer->receipt().steps_size(), 4);
  EXPECT_EQ(Events(v1::ACTION_RESECURE_ACCOUNT, person.account_id), 1u);
  Report(answered);

  request.set_reason("another payload");
  EXPECT_EQ(service_.administrator().Call(&Accounts::ResecureAccount, request).reason(),
            "REQUEST_ID_REUSED");
}

// Its first answer is that of the look-up of the account.
TEST_F(RetryTest, GatehousectlAsksOnceMoreForAChangeWhoseAnswerIsLost) {
  const Person person = service_.CreatePerson("asha.patel");
  LosingRelay relay(service_.server().address());
  relay.Lose({2});
  EXPECT_EQ(Run(relay, {"account", "reset-password", "asha.patel", "--reason", "forgotten",
                        "--attest", "known-in-person", "--yes"}),
            cli::ExitCode::kOk)
      << printed_;
  EXPECT_THAT(printed_, HasSubstr("asked again under the same request id"));
  EXPECT_THAT(printed_, HasSubstr("its temporary password told then"));
  EXPECT_EQ(Events(v1::ACTION_RESET_PASSWORD, person.account_id), 1u);
}

TEST_F(RetryTest, WhatGatehousectlCannotLearnTwiceIsAskedForByHandUnderTheSameId) {
  const Person person = service_.CreatePerson("asha.patel");
  LosingRelay relay(service_.server().address());
  relay.Lose({2, 3});
  std::vector<std::string> words = {"account",  "disable", "asha.patel",
                                    "--reason", "left",    "--yes"};
  EXPECT_EQ(Run(relay, words), cli::ExitCode::kUnavailable) << printed_;
  std::string request_id;
  ASSERT_TRUE(RE2::PartialMatch(printed_, "--request-id ([0-9a-f-]{36})", &request_id)) << printed_;
  words.insert(words.end(), {"--request-id", request_id});
  EXPECT_EQ(Run(relay, words), cli::ExitCode::kOk) << printed_;
  EXPECT_EQ(Events(v1::ACTION_DISABLE_ACCOUNT, person.account_id), 1u);
}

}  // namespace
}  // namespace gatehouse::e2e
