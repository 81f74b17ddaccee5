// Reading audit logs.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/call/audit_trail.h"
#include "server/operations/call/messages.h"
#include "server/operations/organisation_operations.h"
#include "tests/operations/world.h"

namespace gatehouse::server {
namespace {

using storage::AccountId;
using storage::OrganisationId;
using testing::ElementsAre;
using testing::IsEmpty;

class AuditEventsTest : public testing::Test {
 protected:
  AuditEventsTest() {
    // 1 to 4 in Hilltop's log, a minute apart.
    Append(hilltop_, "RESECURE_ACCOUNT", asha_, v1::AUDIT_OUTCOME_DENIED, "AUP_NOT_ACCEPTED");
    Append(hilltop_, "RESECURE_ACCOUNT", asha_, v1::AUDIT_OUTCOME_SUCCEEDED);
    Append(hilltop_, "UNLOCK_ACCOUNT", sam_, v1::AUDIT_OUTCOME_DENIED, "NOT_LOCKED");
    Append(hilltop_, "GRANT_ROLE", sam_, v1::AUDIT_OUTCOME_SUCCEEDED);
    Append(OrganisationId(), "REVOKE_EVERYTHING", AccountId(), v1::AUDIT_OUTCOME_SUCCEEDED);
  }

  void Append(const OrganisationId& log, const std::string& action, const AccountId& target,
              v1::AuditOutcome outcome, const std::string& reason = "") {
    world_.Advance(absl::Minutes(1));
    storage::AuditRecord event;
    event.organisation_id = log;
    event.time = world_.clock().Now();
    event.actor_id = la_;
    event.action = action;
    event.target_id = target;
    event.outcome = outcome;
    if (!reason.empty()) event.reasons = {reason};
    ASSERT_TRUE(world_.accounts()
                    .Transact([&](storage::Transaction& transaction) {
                      return AppendAudit(transaction, event);
                    })
                    .ok());
  }

  std::vector<int64_t> Sequences(const std::string& token, v1::ListAuditEventsRequest request) {
    std::vector<int64_t> sequences;
    do {
      const auto page = world_.Call(token, ListAuditEvents, request);
      EXPECT_EQ(Outcome(page), "OK");
      if (!page.ok()) break;
      for (const v1::AuditEvent& event : page->events()) sequences.push_back(event.sequence());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return sequences;
  }

  World world_;
  const absl::Time began_ = world_.clock().Now();
  const OrganisationId hilltop_ = world_.AddOrganisation("Hilltop Surgery");
  const AccountId asha_ = world_.AddPerson(hilltop_, "asha.patel");
  const AccountId sam_ = world_.AddPerson(hilltop_, "sam.osei");
  const AccountId la_ = world_.AddPerson(hilltop_, "la.hilltop", v1::ROLE_LOCAL_ADMIN);
  const std::string auditor_ =
      world_.Enter(world_.AddPerson(hilltop_, "ada.auditor", v1::ROLE_AUDITOR));
};

TEST_F(AuditEventsTest, EventsAreToldLatestFirstPageByPage) {
  v1::ListAuditEventsRequest request;
  EXPECT_THAT(Sequences(auditor_, request), ElementsAre(4, 3, 2, 1));
  for (const int size : {1, 2, 3, 4}) {
    SCOPED_TRACE(size);
    request.set_page_size(size);
    EXPECT_THAT(Sequences(auditor_, request), ElementsAre(4, 3, 2, 1));
  }
}

TEST_F(AuditEventsTest, AnEventTellsAllThatIsOnRecord) {
  v1::ListAuditEventsRequest request;
  request.set_reason(v1::ERROR_REASON_AUP_NOT_ACCEPTED);
  const auto answer = world_.Call(auditor_, ListAuditEvents, request);
  ASSERT_EQ(Outcome(answer), "OK");
  ASSERT_EQ(answer->events_size(), 1);
  const v1::AuditEvent& event = answer->events(0);
  EXPECT_EQ(event.action(), v1::ACTION_RESECURE_ACCOUNT);
  EXPECT_EQ(event.actor_account_id(), la_.value());
  EXPECT_EQ(event.target_account_id(), asha_.value());
  EXPECT_THAT(event.reasons(), ElementsAre(v1::ERROR_REASON_AUP_NOT_ACCEPTED));
  EXPECT_EQ(FromTimestamp(event.time()), began_ + absl::Minutes(1));
  EXPECT_EQ(event.chain_sha256(), ChainDigest("", world_.Audit(hilltop_).back()));
}

TEST_F(AuditEventsTest, EachFilterLeavesWhatItNames) {
  v1::ListAuditEventsRequest target, action, outcome, actor, span;
  target.set_target_account_id(sam_.value());
  EXPECT_THAT(Sequences(auditor_, target), ElementsAre(4, 3));
  action.add_actions(v1::ACTION_GRANT_ROLE);
  action.add_actions(v1::ACTION_UNLOCK_ACCOUNT);
  EXPECT_THAT(Sequences(auditor_, action), ElementsAre(4, 3));
  outcome.set_outcome(v1::AUDIT_OUTCOME_DENIED);
  EXPECT_THAT(Sequences(auditor_, outcome), ElementsAre(3, 1));
  actor.set_actor_account_id(asha_.value());
  EXPECT_THAT(Sequences(auditor_, actor), IsEmpty());
  *span.mutable_start_time() = ToTimestamp(began_ + absl::Minutes(2));
  *span.mutable_end_time() = ToTimestamp(began_ + absl::Minutes(4));
  EXPECT_THAT(Sequences(auditor_, span), ElementsAre(3, 2));
}

TEST_F(AuditEventsTest, AnEmptyOrganisationIsTheActorsOwnOrForAnOperatorTheSystems) {
  const std::string an_operator = world_.Enter(world_.AddOperator());
  const auto system = world_.Call(an_operator, ListAuditEvents, {});
  ASSERT_EQ(Outcome(system), "OK");
  ASSERT_EQ(system->events_size(), 1);
  EXPECT_EQ(system->events(0).action(), v1::ACTION_REVOKE_EVERYTHING);

  v1::ListAuditEventsRequest of_hilltop;
  of_hilltop.set_organisation_id(hilltop_.value());
  EXPECT_THAT(Sequences(an_operator, of_hilltop), ElementsAre(4, 3, 2, 1));
}

TEST_F(AuditEventsTest, OnlyAuditorsOfTheOrganisationAndOperatorsRead) {
  const OrganisationId riverside = world_.AddOrganisation("Riverside Trust");
  v1::ListAuditEventsRequest of_hilltop, of_nobody;
  of_hilltop.set_organisation_id(hilltop_.value());
  of_nobody.set_organisation_id(std::string(22, 'A'));
  for (const auto role : {v1::ROLE_AUDITOR, v1::ROLE_LOCAL_ADMIN, v1::ROLE_PRIMARY_LOCAL_ADMIN}) {
    SCOPED_TRACE(v1::Role_Name(role));
    const std::string token = world_.Enter(world_.AddPerson(riverside, v1::Role_Name(role), role));
    const auto foreign = world_.Call(token, ListAuditEvents, of_hilltop);
    EXPECT_EQ(Outcome(foreign), "PERMISSION_DENIED / NOT_PERMITTED");
    EXPECT_EQ(world_.Call(token, ListAuditEvents, of_nobody).status(), foreign.status());
  }
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(asha_), ListAuditEvents, {})),
            "PERMISSION_DENIED / NOT_PERMITTED");
}

TEST_F(AuditEventsTest, FiltersAreCheckedTogether) {
  v1::ListAuditEventsRequest request;
  request.set_target_account_id("asha");
  request.add_actions(v1::ACTION_UNSPECIFIED);
  request.set_outcome(static_cast<v1::AuditOutcome>(9));
  request.mutable_start_time()->set_seconds(-1'000'000'000'000);
  request.set_page_size(1001);
  EXPECT_THAT(FaultyFields(world_.Call(auditor_, ListAuditEvents, request).status()),
              ElementsAre("target_account_id", "actions[0]", "outcome", "start_time", "page_size"));
}

TEST_F(AuditEventsTest, ATokenOfOneLogIsNoTokenOfAnother) {
  const std::string an_operator = world_.Enter(world_.AddOperator());
  v1::ListAuditEventsRequest request;
  request.set_organisation_id(hilltop_.value());
  request.set_page_size(1);
  const auto page = world_.Call(an_operator, ListAuditEvents, request);
  ASSERT_EQ(Outcome(page), "OK");
  request.set_page_token(page->next_page_token());
  request.clear_organisation_id();
  EXPECT_EQ(Outcome(world_.Call(an_operator, ListAuditEvents, request)),
            "INVALID_ARGUMENT / PAGE_TOKEN_INVALID");
}

}  // namespace
}  // namespace gatehouse::server
