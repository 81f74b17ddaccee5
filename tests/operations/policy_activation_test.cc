// Policies coming into force: by an operator's call, by the file at hand, in shadow; on one server
// and on two.
#include "server/operations/policies/policy_activation.h"

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"

#include "server/operations/account_operations.h"
#include "storage/memory/account_store.h"
#include "tests/operations/policy_world.h"

namespace gatehouse::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PolicyActivationTest : public PolicyWorldTest {
 protected:
  // The latest event about policies in the system's log.
  storage::AuditRecord LatestActivation() {
    for (const storage::AuditRecord& event : world_.Audit(storage::OrganisationId())) {
      if (event.action == "ACTIVATE_POLICY") return event;
    }
    return {};
  }

  std::vector<std::string> Revisions(int page_size = 50) {
    std::vector<std::string> revisions;
    v1::ListPolicyRevisionsRequest request;
    request.set_page_size(page_size);
    do {
      const auto page = world_.Call(operator_, ListPolicyRevisions, request);
      EXPECT_EQ(Outcome(page), "OK");
      if (!page.ok()) break;
      for (const auto& revision : page->revisions()) {
        EXPECT_EQ(revision.active(), revision.revision() == InForce());
        revisions.push_back(revision.revision());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return revisions;
  }
};

TEST_F(PolicyActivationTest, ANarrowerPolicyComesIntoForceAndIsOnRecord) {
  const std::string text = WithLongHold();
  const auto answer = Activate(Activation(text));
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_NE(InForce(), first_);
  EXPECT_EQ(answer->policy().revision(), InForce());
  EXPECT_TRUE(answer->policy().active());
  EXPECT_EQ(answer->policy().reason(), "as agreed");
  EXPECT_NE(answer->policy().diff_digest(), "");
  EXPECT_EQ(answer->confirmed_servers(), 1);
  EXPECT_EQ(world_.policies().Get()->Duration(policy::Parameter::kOrganisationHold),
            absl::Hours(48));
  EXPECT_EQ(Text(), text);

  const storage::AuditRecord event = LatestActivation();
  EXPECT_EQ(event.outcome, v1::AUDIT_OUTCOME_SUCCEEDED);
  EXPECT_EQ(event.details.at("revision"), InForce());
  EXPECT_EQ(event.details.at("before"), first_);
  EXPECT_EQ(event.details.at("reason"), "as agreed");
  EXPECT_EQ(event.details.at("diff_digest"), answer->policy().diff_digest());
  EXPECT_EQ(event.policy_revision, first_) << "judged by the policy that it ends";
}

TEST_F(PolicyActivationTest, AnEarlierRevisionIsTheWayBack) {
  ASSERT_EQ(Outcome(Activate(Activation(WithLongHold()))), "OK");
  const std::string second = InForce();
  v1::ActivatePolicyRequest back = Return(first_);
  EXPECT_EQ(Outcome(Activate(back)), "FAILED_PRECONDITION / POLICY_WIDENS");
  back.set_diff_digest(DiffDigest(first_text_));
  EXPECT_EQ(Outcome(Activate(back)), "OK");
  EXPECT_EQ(InForce(), first_);
  EXPECT_THAT(Revisions(), ElementsAre(first_, second));
  EXPECT_THAT(Revisions(1), ElementsAre(first_, second));
}

TEST_F(PolicyActivationTest, APolicyThatWidensNeedsTheDigestOfExactlyThisDiff) {
  v1::ActivatePolicyRequest request = Activation(WithShortHold());
  EXPECT_EQ(Outcome(Activate(request)), "FAILED_PRECONDITION / POLICY_WIDENS");
  EXPECT_EQ(LatestActivation().outcome, v1::AUDIT_OUTCOME_DENIED);
  EXPECT_THAT(LatestActivation().reasons, ElementsAre("POLICY_WIDENS"));
  request.set_diff_digest(DiffDigest(
      Changed(R"-("day" value: "duration('24h')")-", R"-("day" value: "duration('23h')")-")));
  EXPECT_EQ(Outcome(Activate(request)), "FAILED_PRECONDITION / POLICY_WIDENS");
  EXPECT_EQ(InForce(), first_);
  request.set_diff_digest(DiffDigest(WithShortHold()));
  EXPECT_EQ(Outcome(Activate(request)), "OK");
  EXPECT_NE(InForce(), first_);
}

TEST_F(PolicyActivationTest, WhatHasErrorsOrFailsItsOwnTestsIsRefusedAndChangesNothing) {
  struct Case {
    const char* from;
    const char* to;
    const char* outcome;
  };
  const Case cases[] = {
      {"now - account.joined_at >= organisation_hold", "now - account.joined_att >= 3",
       "INVALID_ARGUMENT / POLICY_INVALID"},
      {"    reason: ORGANISATION_HOLD", "    reason: ACCOUNT_LOCKED",
       "FAILED_PRECONDITION / POLICY_TESTS_FAILED"},
  };
  for (const Case& test : cases) {
    const auto answer = Activate(Activation(Changed(test.from, test.to)));
    EXPECT_EQ(Outcome(answer), test.outcome);
    EXPECT_LT(answer.status().message().size(), 4000u) << "it has to fit into trailers";
    EXPECT_EQ(InForce(), first_);
    EXPECT_THAT(Revisions(), ElementsAre(first_));
    EXPECT_EQ(LatestActivation().outcome, v1::AUDIT_OUTCOME_DENIED) << test.outcome;
  }
}

TEST_F(PolicyActivationTest, AStaleExpectationIsRefused) {
  v1::ActivatePolicyRequest request = Activation(WithLongHold());
  request.set_expected_active_revision("another");
  EXPECT_EQ(Outcome(Activate(request)), "ABORTED / ETAG_STALE");
  request.set_expected_active_revision(first_);
  EXPECT_EQ(Outcome(Activate(request)), "OK");
}

TEST_F(PolicyActivationTest, ADryRunChecksEverythingAndChangesNothing) {
  v1::ActivatePolicyRequest request = Activation(WithLongHold());
  request.set_validate_only(true);
  const auto answer = Activate(request);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_NE(answer->policy().revision(), first_);
  EXPECT_EQ(InForce(), first_);
  EXPECT_THAT(Revisions(), ElementsAre(first_));
  request = Activation(WithShortHold());
  request.set_validate_only(true);
  EXPECT_EQ(Outcome(Activate(request)), "FAILED_PRECONDITION / POLICY_WIDENS");
}

TEST_F(PolicyActivationTest, ARetryHasOneEffect) {
  v1::ActivatePolicyRequest request = Activation(WithLongHold());
  request.set_request_id(world_.NewRequestId());
  const auto first = Activate(request);
  ASSERT_EQ(Outcome(first), "OK");
  const auto again = Activate(request);
  ASSERT_EQ(Outcome(again), "OK");
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->policy().revision(), first->policy().revision());
  request.set_reason("another payload");
  EXPECT_EQ(Outcome(Activate(request)), "INVALID_ARGUMENT / REQUEST_ID_REUSED");
}

TEST_F(PolicyActivationTest, AllFaultyFieldsAreToldAtOnce) {
  v1::ActivatePolicyRequest request;
  request.set_request_id("none");
  EXPECT_THAT(FaultyFields(Activate(request).status()),
              ElementsAre("policy", "reason", "request_id"));
}

TEST_F(PolicyActivationTest, ACandidateInShadowIsTriedAndDecidesNothing) {
  const auto asha = world_.AddPerson(riverside_, "asha.patel");
  v1::ActivatePolicyRequest request = Activation(WithClosedMorning());
  request.set_shadow(true);
  const auto answer = Activate(request);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_FALSE(answer->policy().active());
  EXPECT_EQ(InForce(), first_);
  EXPECT_THAT(Revisions(), ElementsAre(first_)) << "it never was in force";

  EXPECT_EQ(Outcome(world_.Call(world_.Enter(asha), GetAccount, {})), "OK");
  world_.dependencies().decision_journal.Flush();
  auto policy = world_.Call(operator_, GetPolicy, {});
  ASSERT_EQ(Outcome(policy), "OK");
  EXPECT_EQ(policy->server().shadow().revision(), answer->policy().revision());
  EXPECT_EQ(policy->server().shadow().narrows(), 1);
  EXPECT_EQ(policy->server().shadow().widens(), 0);
  EXPECT_EQ(policy->server().shadow().start_time().seconds(),
            absl::ToUnixSeconds(world_.clock().Now()));

  request.clear_policy();
  ASSERT_EQ(Outcome(Activate(request)), "OK");
  policy = world_.Call(operator_, GetPolicy, {});
  EXPECT_FALSE(policy->server().has_shadow());
}

TEST_F(PolicyActivationTest, ACandidateThatComesIntoForceLeavesTheShadow) {
  v1::ActivatePolicyRequest request = Activation(WithLongHold());
  request.set_shadow(true);
  ASSERT_EQ(Outcome(Activate(request)), "OK");
  ASSERT_EQ(Outcome(Activate(Activation(WithLongHold()))), "OK");
  EXPECT_EQ(world_.dependencies().decision_journal.shadow(), nullptr);
}

TEST_F(PolicyActivationTest, AGoodFileComesIntoForceWhenItIsReadAgain) {
  PolicyFile file{.path = "rules.textproto", .last_read = first_};
  ReloadPolicy(world_.dependencies(), file, WithShortHold());
  EXPECT_NE(InForce(), first_) << "also what widens: who writes the file may";
  const storage::AuditRecord event = LatestActivation();
  EXPECT_EQ(event.outcome, v1::AUDIT_OUTCOME_SUCCEEDED);
  EXPECT_EQ(event.caller, "server");
  EXPECT_EQ(event.details.at("revision"), InForce());
  EXPECT_EQ(event.details.at("reason"), "told to read rules.textproto again");
  const auto policy = world_.Call(operator_, GetPolicy, {});
  EXPECT_TRUE(policy->server().last_reload().succeeded());
}

TEST_F(PolicyActivationTest, ABadFileChangesNothingAndIsTold) {
  struct Case {
    absl::StatusOr<std::string> text;
    const char* told;
  };
  const Case cases[] = {
      {Changed("now - account.joined_at >= organisation_hold", "now - account.joined_att >= 3"),
       "account.joined_at"},
      {Changed("    reason: ORGANISATION_HOLD", "    reason: ACCOUNT_LOCKED"),
       "POLICY_TESTS_FAILED"},
      {absl::InvalidArgumentError("cannot read it"), "cannot read it"},
  };
  PolicyFile file{.path = "rules.textproto", .last_read = first_};
  for (const Case& test : cases) {
    ReloadPolicy(world_.dependencies(), file, test.text);
    EXPECT_EQ(InForce(), first_);
    const auto policy = world_.Call(operator_, GetPolicy, {});
    EXPECT_FALSE(policy->server().last_reload().succeeded());
    EXPECT_THAT(policy->server().last_reload().message(), HasSubstr(test.told));
    EXPECT_FALSE(world_.dependencies().policy_follower.CheckReload().ok());
    EXPECT_THAT(world_.log(), HasSubstr("policy_reload_failed"));
  }
  ReloadPolicy(world_.dependencies(), file, first_text_);
  EXPECT_EQ(world_.dependencies().policy_follower.CheckReload(), absl::OkStatus());
  EXPECT_THAT(Revisions(), ElementsAre(first_)) << "what is in force is not put in force again";
}

TEST_F(PolicyActivationTest, AnUnchangedFileDoesNotTakeBackWhatWasActivatedSince) {
  PolicyFile file{.path = "rules.textproto", .last_read = first_};
  ASSERT_EQ(Outcome(Activate(Activation(WithLongHold()))), "OK");
  const std::string activated = InForce();
  ReloadPolicy(world_.dependencies(), file, first_text_);
  EXPECT_EQ(InForce(), activated);
  EXPECT_THAT(world_.log(), HasSubstr("policy_file_not_in_force"));
  EXPECT_THAT(world_.log(), Not(HasSubstr("policy_reloaded")));

  ReloadPolicy(world_.dependencies(), file, WithShortHold());
  EXPECT_NE(InForce(), activated) << "a changed one is meant";
  ReloadPolicy(world_.dependencies(), file, first_text_);
  EXPECT_EQ(InForce(), first_) << "also where it is changed back";
}

TEST_F(PolicyActivationTest, AFileThatNeverWasInForceComesIntoForceUnchanged) {
  const auto revision =
      policy::Policy::Compile(WithShortHold(), "rules.textproto").policy->revision();
  PolicyFile file{.path = "rules.textproto", .last_read = revision.ToString()};
  ReloadPolicy(world_.dependencies(), file, WithShortHold());
  EXPECT_EQ(InForce(), file.last_read);
}

TEST_F(PolicyActivationTest, TheDatabasesPolicyCountsAtTheNextStartAndNotTheFiles) {
  const auto from_file = world_.policies().Get();
  ASSERT_EQ(Outcome(Activate(Activation(WithLongHold()))), "OK");
  const auto in_force = PolicyInForce(world_.accounts(), from_file, world_.clock().Now());
  ASSERT_TRUE(in_force.ok()) << in_force.status();
  EXPECT_EQ((*in_force)->revision().ToString(), InForce());
  EXPECT_TRUE(
      PolicyInForce(world_.accounts(), absl::InvalidArgumentError("bad"), world_.clock().Now())
          .ok())
      << "a bad file matters only where the database has no policy";
}

TEST(PolicyInForceTest, TheFilesPolicyIsTheFirstOfANewDatabaseAndThatIsOnRecord) {
  const auto accounts = storage::NewMemoryAccountStore("incarnation");
  const absl::Time now = absl::UnixEpoch();
  EXPECT_EQ(PolicyInForce(*accounts, absl::InvalidArgumentError("line 3"), now).status().message(),
            "line 3");
  const auto policy = World().policies().Get();
  EXPECT_EQ(PolicyInForce(*accounts, policy, now).value(), policy);
  EXPECT_EQ(PolicyInForce(*accounts, policy, now).value(), policy) << "the second start";
  std::vector<storage::AuditRecord> events;
  ASSERT_EQ(accounts->Read([&](storage::Transaction& transaction) {
    events = transaction.ListAudit({.limit = 9}).value();
    return absl::OkStatus();
  }),
            absl::OkStatus());
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].action, "ACTIVATE_POLICY");
  EXPECT_EQ(events[0].caller, "server");
  EXPECT_EQ(events[0].details.at("revision"), policy->revision().ToString());
}

// A second server on the same database.
class SecondServer {
 public:
  explicit SecondServer(World& world, std::shared_ptr<const policy::Policy> policy)
      : accounts_(world.accounts()), clock_(world.clock()), policies_(std::move(policy)) {}

  // One reading of the revocation log.
  absl::Status Read() {
    return ReadRevocationLog(accounts_, clock_, revocation_log_,
                             [this](const auto& head) { return follower_.Follow(head); });
  }
  std::string InForce() const { return policies_.Get()->revision().ToString(); }

 private:
  storage::AccountStore& accounts_;
  const Clock& clock_;
  policy::PolicyHolder policies_;
  Metrics metrics_;
  std::ostringstream log_text_;
  Logger log_{LogLevel::kInfo, log_text_};
  DecisionJournal journal_{metrics_, {}};
  PolicyFollower follower_{{.accounts = accounts_,
                            .policies = policies_,
                            .journal = journal_,
                            .log = log_,
                            .metrics = metrics_}};
  RevocationLog revocation_log_;
};

TEST_F(PolicyActivationTest, AnotherServerSwitchesWithItsNextReadingOfTheRevocationLog) {
  SecondServer other(world_, world_.policies().Get());
  ASSERT_EQ(other.Read(), absl::OkStatus());
  ASSERT_EQ(Outcome(Activate(Activation(WithLongHold()))), "OK");
  EXPECT_EQ(other.InForce(), first_);
  ASSERT_EQ(other.Read(), absl::OkStatus());
  EXPECT_EQ(other.InForce(), InForce());
}

}  // namespace
}  // namespace gatehouse::server
