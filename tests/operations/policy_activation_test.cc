// Policies coming into force by the file at hand, on one server and on two.
#include "server/operations/policy_activation.h"

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

TEST_F(PolicyActivationTest, AGoodFileComesIntoForceWhenItIsReadAgain) {
  ReloadPolicy(world_.dependencies(), "rules.textproto", WithShortHold());
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
  for (const Case& test : cases) {
    ReloadPolicy(world_.dependencies(), "rules.textproto", test.text);
    EXPECT_EQ(InForce(), first_);
    const auto policy = world_.Call(operator_, GetPolicy, {});
    EXPECT_FALSE(policy->server().last_reload().succeeded());
    EXPECT_THAT(policy->server().last_reload().message(), HasSubstr(test.told));
    EXPECT_FALSE(world_.dependencies().policy_follower.CheckReload().ok());
    EXPECT_THAT(world_.log(), HasSubstr("policy_reload_failed"));
  }
  ReloadPolicy(world_.dependencies(), "rules.textproto", first_text_);
  EXPECT_EQ(world_.dependencies().policy_follower.CheckReload(), absl::OkStatus());
  EXPECT_THAT(Revisions(), ElementsAre(first_)) << "what is in force is not put in force again";
}

TEST_F(PolicyActivationTest, TheDatabasesPolicyCountsAtTheNextStartAndNotTheFiles) {
  const auto from_file = world_.policies().Get();
  ReloadPolicy(world_.dependencies(), "rules.textproto", WithLongHold());
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
  ReloadPolicy(world_.dependencies(), "rules.textproto", WithLongHold());
  EXPECT_EQ(other.InForce(), first_);
  ASSERT_EQ(other.Read(), absl::OkStatus());
  EXPECT_EQ(other.InForce(), InForce());
}

}  // namespace
}  // namespace gatehouse::server
