// A role that is withdrawn is gone for the very next call, though its holder keeps acting all the
// while (quality/invariants.md, 8): no call that begins after the withdrawal was answered is
// allowed, and the audit log knows of no act that was committed without the role.
//
// GATEHOUSE_ROUNDS sets how often the role is withdrawn.

#include <atomic>
#include <iostream>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/e2e/staffed_server.h"
#include "tests/harness/setting.h"

namespace gatehouse::e2e {
namespace {

using Accounts = v1::AccountService::Stub;

class WithdrawalTest : public ::testing::Test {
 protected:
  // Something that the role allows and nothing else.
  Answer<v1::UpdateProfileResponse> Act(const Actor& administrator) const {
    v1::UpdateProfileRequest request;
    request.set_account_id(target_.account_id);
    request.mutable_profile()->set_phone_number("+441134960001");
    request.mutable_update_mask()->add_paths("phone_number");
    return administrator.Call(&Accounts::UpdateProfile, request);
  }

  template <typename Request, typename Response>
  void Change(grpc::Status (Accounts::*method)(grpc::ClientContext*, const Request&, Response*)) {
    Request request;
    request.set_account_id(holder_.account_id);
    request.set_role(v1::ROLE_LOCAL_ADMIN);
    request.set_organisation_id(service_.organisation_id());
    const auto answer = service_.national_operator().Call(method, request);
    ASSERT_TRUE(answer.ok()) << answer;
  }

  // Acts committed while the role was not held, as the audit log tells it, in its order.
  int ActsWithoutTheRole() const {
    v1::ListAuditEventsRequest request;
    request.set_outcome(v1::AUDIT_OUTCOME_SUCCEEDED);
    request.add_actions(v1::ACTION_GRANT_ROLE);
    request.add_actions(v1::ACTION_WITHDRAW_ROLE);
    request.add_actions(v1::ACTION_UPDATE_PROFILE);
    const auto events = service_.AuditEvents(request);
    bool held = false;
    int without = 0;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      const bool role = event->target_account_id() == holder_.account_id;
      if (role && event->action() == v1::ACTION_GRANT_ROLE) held = true;
      if (role && event->action() == v1::ACTION_WITHDRAW_ROLE) held = false;
      if (event->action() == v1::ACTION_UPDATE_PROFILE && !held) ++without;
    }
    return without;
  }

  StaffedServer service_{{.hashing = Hashing::kCheap}};
  const Person target_ = service_.CreatePerson("asha.patel");
  Person holder_ = service_.CreatePerson("lee.chen");
};

TEST_F(WithdrawalTest, TheRoleIsGoneForTheVeryNextCallAndForThoseUnderWay) {
  const uint64_t rounds = harness::Setting("GATEHOUSE_ROUNDS", 100);
  Actor holder = service_.NewActor();
  ASSERT_TRUE(holder.SignIn(holder_.username, holder_.password).ok());
  ASSERT_NO_FATAL_FAILURE(Change(&Accounts::GrantRole));

  std::atomic<bool> over = false;
  std::atomic<int> done = 0;
  std::atomic<int> denied = 0;
  std::thread busy([&, acting = service_.Holder(holder.token())] {
    while (!over) {
      const auto answer = Act(acting);
      EXPECT_TRUE(answer.ok() || answer.reason() == "NOT_PERMITTED" ||
                  answer.reason() == "CONFLICT")
          << answer;
      ++(answer.ok() ? done : denied);
    }
  });
  uint64_t escapes = 0;
  for (uint64_t round = 0; round < rounds && !HasFatalFailure(); ++round) {
    Change(&Accounts::WithdrawRole);
    if (Act(holder).reason() != "NOT_PERMITTED") ++escapes;
    Change(&Accounts::GrantRole);
    if (!Act(holder).ok()) ++escapes;
  }
  over = true;
  busy.join();

  EXPECT_EQ(escapes, 0u);
  EXPECT_EQ(ActsWithoutTheRole(), 0);
  EXPECT_GT(done, 0);
  std::cout << rounds << " withdrawals beside " << done << " acts done and " << denied
            << " denied: 0 after one was answered, 0 committed without the role" << std::endl;
}

}  // namespace
}  // namespace gatehouse::e2e
