// A rule is changed on a running server by the file at hand, and felt by whoever it concerns.

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/policy_service.grpc.pb.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/wait.h"

namespace gatehouse::e2e {
namespace {

using ::testing::HasSubstr;

using Policies = v1::PolicyService::Stub;

class PolicyStoryTest : public ::testing::Test {
 protected:
  template <typename Request, typename Response>
  Response Call(grpc::Status (Policies::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    const auto answer = service_.national_operator().Call(method, request);
    EXPECT_TRUE(answer.ok()) << answer;
    return answer.response;
  }

  v1::GetPolicyResponse Policy() { return Call(&Policies::GetPolicy, v1::GetPolicyRequest()); }

  // With another hold, and the test that stands beside it.
  std::string WithHold(const std::string& hours, const std::string& test_ends) {
    const std::string text = absl::StrReplaceAll(
        text_, {{R"-("organisation_hold" value: "duration('24h')")-",
                 absl::StrCat(R"-("organisation_hold" value: "duration(')-", hours, R"-(')")-")},
                {"eligible_at: \"2026-11-21T16:30:00Z\"",
                 absl::StrCat("eligible_at: \"", test_ends, "\"")}});
    EXPECT_NE(text, text_);
    return text;
  }

  // Why and until when the person may not reset their own password, all else being well.
  v1::Decision DecideReset() {
    v1::ExplainDecisionRequest request;
    request.set_action(v1::ACTION_COMPLETE_PASSWORD_RESET);
    request.set_account_id(asha_.account_id);
    const std::pair<const char*, const char*> given[] = {{"account.authentication_methods", "1"},
                                                         {"request.methods_verified", "1"}};
    for (const auto& [name, value] : given) {
      v1::SupposedFact& fact = *request.add_facts();
      fact.set_name(name);
      fact.set_value(value);
    }
    return Call(&Policies::ExplainDecision, request).decision();
  }

  int64_t HoldSeconds() {
    const v1::Decision decision = DecideReset();
    EXPECT_FALSE(decision.allowed());
    EXPECT_EQ(decision.violations_size(), 1) << decision.DebugString();
    EXPECT_EQ(decision.violations(0).reason(), v1::ERROR_REASON_ORGANISATION_HOLD);
    return decision.eligible_time().seconds() - joined_seconds_;
  }

  StaffedServer service_{{.hashing = Hashing::kCheap}};
  Person asha_ = service_.CreatePerson("asha.patel");
  const std::string text_ = Policy().text();
  const std::string first_ = Policy().policy().revision();
  const int64_t joined_seconds_ = [this] {
    v1::GetAccountRequest request;
    request.set_account_id(asha_.account_id);
    return service_.national_operator()
        .Call(&v1::AccountService::Stub::GetAccount, request)
        ->account()
        .joined_time()
        .seconds();
  }();
};

TEST_F(PolicyStoryTest, TheFileAtHandComesIntoForceOnlyIfItIsGood) {
  const auto reload = [&](const std::string& text, bool succeeds) {
    const auto before = Policy().server().last_reload().time();
    service_.WritePolicyFile(text);
    service_.server().Reload();
    EXPECT_TRUE(harness::WaitUntil([&] {
      const auto last = Policy().server().last_reload();
      return last.time().seconds() != before.seconds() || last.time().nanos() != before.nanos();
    }));
    EXPECT_EQ(Policy().server().last_reload().succeeded(), succeeds);
  };
  reload(text_ + "\nrequire { that: \"account.lockd\" }", false);
  EXPECT_THAT(Policy().server().last_reload().message(), HasSubstr("POLICY_INVALID"));
  EXPECT_EQ(HoldSeconds(), 24 * 3600);
  reload(WithHold("20h", "2026-11-21T12:30:00Z"), true);
  EXPECT_EQ(HoldSeconds(), 20 * 3600);
  EXPECT_NE(Policy().policy().revision(), first_);
  EXPECT_EQ(Policy().policy().actor_account_id(), "");
}

}  // namespace
}  // namespace gatehouse::e2e
