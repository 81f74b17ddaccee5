// Reading, checking, explaining and replaying policies.
#include <string>
#include <vector>

#include "gmock/gmock.h"

#include "server/operations/account_operations.h"
#include "server/operations/policies/policy_activation.h"
#include "tests/operations/policy_world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kNotPermitted[] = "PERMISSION_DENIED / NOT_PERMITTED";

class PolicyReadingTest : public PolicyWorldTest {
 protected:
  v1::ExplainDecisionResponse Explain(const v1::ExplainDecisionRequest& request) {
    const auto answer = world_.Call(operator_, ExplainDecision, request);
    EXPECT_EQ(Outcome(answer), "OK");
    return answer.value_or(v1::ExplainDecisionResponse());
  }

  v1::ReplayDecisionsResponse Replay(const v1::ReplayDecisionsRequest& request) {
    const auto answer = world_.Call(operator_, ReplayDecisions, request);
    EXPECT_EQ(Outcome(answer), "OK");
    return answer.value_or(v1::ReplayDecisionsResponse());
  }

  static v1::ReplayDecisionsRequest ReplayBy(const std::string& text) {
    v1::ReplayDecisionsRequest request;
    request.mutable_policy()->set_text(text);
    return request;
  }
};

TEST_F(PolicyReadingTest, EveryMethodNeedsAnOperator) {
  const v1::Role roles[] = {v1::ROLE_LOCAL_HELPDESK, v1::ROLE_LOCAL_ADMIN,
                            v1::ROLE_PRIMARY_LOCAL_ADMIN, v1::ROLE_NATIONAL_ADMIN,
                            v1::ROLE_AUDITOR};
  for (const v1::Role role : roles) {
    const std::string token = world_.Enter(world_.AddPerson(riverside_, v1::Role_Name(role), role));
    v1::ValidatePolicyRequest validate;
    validate.set_text("x");
    v1::DiffPoliciesRequest diff;
    diff.mutable_candidate()->set_text("x");
    v1::ExplainDecisionRequest explain;
    explain.set_action(v1::ACTION_GET_ACCOUNT);
    EXPECT_EQ(Outcome(world_.Call(token, GetPolicy, {})), kNotPermitted) << role;
    EXPECT_EQ(Outcome(world_.Call(token, ListPolicyRevisions, {})), kNotPermitted) << role;
    EXPECT_EQ(Outcome(world_.Call(token, ValidatePolicy, validate)), kNotPermitted) << role;
    EXPECT_EQ(Outcome(world_.Call(token, DiffPolicies, diff)), kNotPermitted) << role;
    EXPECT_EQ(Outcome(world_.Call(token, ActivatePolicy, Activation("x"))), kNotPermitted) << role;
    EXPECT_EQ(Outcome(world_.Call(token, ExplainDecision, explain)), kNotPermitted) << role;
    EXPECT_EQ(Outcome(world_.Call(token, ReplayDecisions, ReplayBy("x"))), kNotPermitted) << role;
  }
}

TEST_F(PolicyReadingTest, ShowsThePolicyInForceAndHowTheServerStandsWithIt) {
  const auto answer = world_.Call(operator_, GetPolicy, {});
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->policy().revision(), first_);
  EXPECT_TRUE(answer->policy().active());
  EXPECT_EQ(answer->policy().actor_account_id(), "");
  EXPECT_EQ(answer->text(), first_text_);
  EXPECT_EQ(answer->server().revision(), first_);
  EXPECT_FALSE(answer->server().has_shadow());
  EXPECT_FALSE(answer->server().has_last_reload());
  EXPECT_EQ(answer->server().decision_log().dropped(), 0);
}

TEST_F(PolicyReadingTest, AnUnknownRevisionIsSaidToBeUnknown) {
  v1::GetPolicyRequest request;
  request.set_revision("nobody-knows-it");
  EXPECT_EQ(Outcome(world_.Call(operator_, GetPolicy, request)),
            "NOT_FOUND / POLICY_REVISION_UNKNOWN");
  EXPECT_EQ(Outcome(Activate(Return("nobody-knows-it"))), "NOT_FOUND / POLICY_REVISION_UNKNOWN");
}

TEST_F(PolicyReadingTest, ValidationTellsErrorsByTheirPlace) {
  v1::ValidatePolicyRequest request;
  request.set_text(Changed("now - account.joined_at >= organisation_hold",
                           "now - account.joined_att >= organisation_hold"));
  const auto answer = world_.Call(operator_, ValidatePolicy, request);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->revision(), "");
  EXPECT_EQ(answer->test_results_size(), 0);
  ASSERT_GT(answer->diagnostics_size(), 0);
  const v1::PolicyDiagnostic& first = answer->diagnostics(0);
  EXPECT_EQ(first.severity(), v1::DIAGNOSTIC_SEVERITY_ERROR);
  EXPECT_GT(first.line(), 100);
  EXPECT_GT(first.column(), 1);
  EXPECT_THAT(first.message(), HasSubstr("account.joined_at"));
  EXPECT_THAT(first.excerpt(), HasSubstr("account.joined_att"));
}

TEST_F(PolicyReadingTest, ValidationRunsThePolicysOwnTests) {
  v1::ValidatePolicyRequest request;
  request.set_text(Changed("    reason: ORGANISATION_HOLD", "    reason: ACCOUNT_LOCKED"));
  const auto answer = world_.Call(operator_, ValidatePolicy, request);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_NE(answer->revision(), "");
  int failed = 0;
  for (const auto& result : answer->test_results()) {
    failed += !result.passed();
    EXPECT_EQ(result.message().empty(), result.passed()) << result.name();
  }
  EXPECT_GT(failed, 0);
  EXPECT_GT(answer->test_results_size(), 100);
}

TEST_F(PolicyReadingTest, ExplainsADecisionOnGivenFacts) {
  v1::ExplainDecisionRequest request;
  request.set_action(v1::ACTION_COMPLETE_PASSWORD_RESET);
  const auto fact = [&](const char* name, const char* value) {
    v1::SupposedFact& supposed = *request.add_facts();
    supposed.set_name(name);
    supposed.set_value(value);
  };
  fact("now", "timestamp('2026-11-21T12:00:00Z')");
  fact("account.joined_at", "timestamp('2026-11-21T08:00:00Z')");
  const v1::ExplainDecisionResponse at_noon = Explain(request);
  EXPECT_FALSE(at_noon.decision().allowed());
  EXPECT_EQ(at_noon.decision().policy_revision(), first_);
  EXPECT_THAT(at_noon.explanation(), HasSubstr("COMPLETE_PASSWORD_RESET: "));
}

TEST_F(PolicyReadingTest, ExplainsWhatIsKnownOfAnAccountByAnActorAtAnotherTime) {
  const auto asha = world_.AddPerson(riverside_, "asha.patel");
  const auto admin = world_.AddPerson(riverside_, "la.riverside", v1::ROLE_LOCAL_ADMIN);
  v1::ExplainDecisionRequest request;
  request.set_action(v1::ACTION_RESECURE_ACCOUNT);
  request.set_account_id(asha.value());
  EXPECT_THAT(Explain(request).explanation(), HasSubstr("not permitted"));
  request.set_actor_account_id(admin.value());
  EXPECT_EQ(Explain(request).explanation(), "RESECURE_ACCOUNT: allowed\n");

  v1::SupposedFact& locked = *request.add_facts();
  locked.set_name("account.locked");
  locked.set_value("true");
  const v1::ExplainDecisionResponse refused = Explain(request);
  EXPECT_THAT(refused.explanation(), HasSubstr("ACCOUNT_LOCKED"));
  EXPECT_THAT(refused.explanation(), HasSubstr("account.locked = true"));
  EXPECT_THAT(refused.explanation(), HasSubstr("way out: UnlockAccount by LOCAL_HELPDESK"));

  request.set_actor_account_id(asha.value());
  request.clear_facts();
  EXPECT_FALSE(Explain(request).decision().allowed());
}

TEST_F(PolicyReadingTest, ExplainsByAnotherPolicy) {
  const auto asha = world_.AddPerson(riverside_, "asha.patel");
  v1::ExplainDecisionRequest request;
  request.set_action(v1::ACTION_GET_ACCOUNT);
  request.set_account_id(asha.value());
  request.set_actor_account_id(asha.value());
  EXPECT_TRUE(Explain(request).decision().allowed());
  request.mutable_policy()->set_text(WithClosedMorning());
  EXPECT_FALSE(Explain(request).decision().allowed());
  request.mutable_policy()->set_text("name: ");
  EXPECT_EQ(Outcome(world_.Call(operator_, ExplainDecision, request)),
            "INVALID_ARGUMENT / POLICY_INVALID");
}

TEST_F(PolicyReadingTest, ExplainsNothingAboutAnAccountThatIsNotThere) {
  v1::ExplainDecisionRequest request;
  request.set_action(v1::ACTION_RESECURE_ACCOUNT);
  request.set_account_id(std::string(22, 'A'));
  EXPECT_EQ(Outcome(world_.Call(operator_, ExplainDecision, request)), kNotPermitted);
}

TEST_F(PolicyReadingTest, ReplaysLiveDecisionsUnderAnotherPolicy) {
  const std::string asha = world_.Enter(world_.AddPerson(riverside_, "asha.patel"));
  ASSERT_EQ(Outcome(world_.Call(asha, GetAccount, {})), "OK");
  const v1::ReplayDecisionsResponse same = Replay(ReplayBy(first_text_));
  EXPECT_EQ(same.changed_size(), 0);
  EXPECT_GE(same.decisions_replayed(), 1);

  const v1::ReplayDecisionsResponse replay = Replay(ReplayBy(WithClosedMorning()));
  ASSERT_EQ(replay.changed_size(), 1);
  const v1::ReplayedDecision& changed = replay.changed(0);
  EXPECT_EQ(changed.action(), v1::ACTION_GET_ACCOUNT);
  EXPECT_EQ(changed.change(), v1::POLICY_CHANGE_NARROWS);
  EXPECT_TRUE(changed.recorded().allowed());
  EXPECT_FALSE(changed.replayed().allowed());
  EXPECT_EQ(changed.recorded().policy_revision(), first_);
}

TEST_F(PolicyReadingTest, ReplaysPageByPageAndOnlyTheTimeAskedFor) {
  const std::string asha = world_.Enter(world_.AddPerson(riverside_, "asha.patel"));
  const absl::Time start = world_.clock().Now();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Outcome(world_.Call(asha, GetAccount, {})), "OK");
    world_.Advance(absl::Minutes(1));
  }
  v1::ReplayDecisionsRequest request = ReplayBy(WithClosedMorning());
  request.set_page_size(2);
  std::vector<int> sizes;
  do {
    const v1::ReplayDecisionsResponse page = Replay(request);
    sizes.push_back(page.changed_size());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));

  request = ReplayBy(WithClosedMorning());
  request.mutable_start_time()->set_seconds(absl::ToUnixSeconds(start + absl::Minutes(1)));
  request.mutable_end_time()->set_seconds(absl::ToUnixSeconds(start + absl::Minutes(3)));
  EXPECT_EQ(Replay(request).changed_size(), 2);
}

TEST_F(PolicyReadingTest, AReplayTellsNobodysNameAndNoSecret) {
  const auto asha = world_.AddPerson(riverside_, "asha.patel");
  ASSERT_EQ(Outcome(world_.Call(world_.Enter(asha), GetAccount, {})), "OK");
  const std::string told = Replay(ReplayBy(WithClosedMorning())).DebugString();
  EXPECT_THAT(told, Not(HasSubstr(asha.value())));
  EXPECT_THAT(told, Not(HasSubstr(riverside_.value())));
  EXPECT_THAT(told, Not(HasSubstr("asha")));
}

}  // namespace
}  // namespace gatehouse::server
