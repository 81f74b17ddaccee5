// What tests of PolicyService share: an operator, the policy in force as text, and texts that
// differ from it by little.
#ifndef GATEHOUSE_TESTS_OPERATIONS_POLICY_WORLD_H_
#define GATEHOUSE_TESTS_OPERATIONS_POLICY_WORLD_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

#include "server/operations/policy_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {

class PolicyWorldTest : public testing::Test {
 protected:
  std::string InForce() { return world_.policies().Get()->revision().ToString(); }
  std::string Text() { return std::string(world_.policies().Get()->text()); }

  // The first policy, with one text in it put in place of another.
  std::string Changed(const std::string& from, const std::string& to) {
    EXPECT_NE(first_text_.find(from), std::string::npos) << from;
    return absl::StrReplaceAll(first_text_, {{from, to}});
  }
  // With another hold, and the test that stands beside it.
  std::string WithHold(const std::string& hours, const std::string& test_ends) {
    return absl::StrReplaceAll(
        Changed(R"-("organisation_hold" value: "duration('24h')")-",
                absl::StrCat(R"-("organisation_hold" value: "duration(')-", hours, R"-(')")-")),
        {{"eligible_at: \"2026-11-21T16:30:00Z\"",
          absl::StrCat("eligible_at: \"", test_ends, "\"")}});
  }
  std::string WithLongHold() { return WithHold("48h", "2026-11-22T16:30:00Z"); }
  std::string WithShortHold() { return WithHold("20h", "2026-11-21T12:30:00Z"); }

  // The first policy, but that accounts are not shown on the morning on which the world begins.
  std::string WithClosedMorning() {
    return absl::StrCat(
        first_text_, "require { id: 'closed-morning' on: GET_ACCOUNT that: ",
        "\"now < timestamp('2026-11-20T08:00:00Z') || now > timestamp('2026-11-20T12:00:00Z')\" ",
        "else { reason: ACCOUNT_NOT_ACTIVE message: 'accounts are not shown this morning' } }");
  }

  static v1::ActivatePolicyRequest Activation(const std::string& text) {
    v1::ActivatePolicyRequest request;
    request.mutable_policy()->set_text(text);
    request.set_reason("as agreed");
    return request;
  }
  static v1::ActivatePolicyRequest Return(const std::string& revision) {
    v1::ActivatePolicyRequest request;
    request.mutable_policy()->set_revision(revision);
    request.set_reason("back");
    return request;
  }
  absl::StatusOr<v1::ActivatePolicyResponse> Activate(const v1::ActivatePolicyRequest& request) {
    return world_.Call(operator_, ActivatePolicy, request);
  }

  std::string DiffDigest(const std::string& text) {
    v1::DiffPoliciesRequest request;
    request.mutable_candidate()->set_text(text);
    const auto answer = world_.Call(operator_, DiffPolicies, request);
    EXPECT_EQ(Outcome(answer), "OK");
    return answer.ok() ? answer->diff_digest() : "";
  }

  World world_;
  const storage::OrganisationId riverside_ = world_.AddOrganisation("Riverside Trust");
  const std::string operator_ = world_.Enter(world_.AddOperator());
  const std::string first_ = InForce();
  const std::string first_text_ = Text();
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_OPERATIONS_POLICY_WORLD_H_
