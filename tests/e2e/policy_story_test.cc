// A rule is changed on a running server: checked, compared, put in force, felt by whoever it
// concerns, and taken back; by an operator's call, and by the file at hand.

#include <iostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "gatehouse/v1/policy_service.grpc.pb.h"
#include "tests/e2e/database.h"
#include "tests/e2e/staffed_server.h"
#include "tests/harness/child_process.h"
#include "tests/harness/postgres_process.h"
#include "tests/harness/server_process.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"
#include <nlohmann/json.hpp>

namespace gatehouse::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Policies = v1::PolicyService::Stub;

constexpr char kShippedRules[] = GATEHOUSE_SOURCE_DIR "/policy/rules/nhsmail.textproto";

// What a program says and exits with.
struct Told {
  int exit_code;
  std::string text;
};

Told RunProgram(const std::string& program, std::vector<std::string> words) {
  const harness::TemporaryDirectory directory;
  words.insert(words.begin(), harness::BinaryPath(program));
  harness::ChildProcess command({.arguments = std::move(words), .log = directory / "log"});
  const int exit_code = command.Wait();
  return {.exit_code = exit_code, .text = command.LogText()};
}

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
  std::string WithLongHold() { return WithHold("48h", "2026-11-22T16:30:00Z"); }

  void Activate(const std::string& text) {
    v1::ActivatePolicyRequest request;
    request.mutable_policy()->set_text(text);
    request.set_reason("longer hold");
    Call(&Policies::ActivatePolicy, request);
  }

  Told Offline(std::vector<std::string> words) {
    words.push_back(absl::StrCat("--database=", service_.server().database()));
    return RunProgram("gatehouse-server", std::move(words));
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

  const harness::TemporaryDirectory directory_;
  const std::string decision_log_ = directory_ / "decisions.jsonl";
  StaffedServer service_{
      {.hashing = Hashing::kCheap, .flags = {absl::StrCat("--decision_log=", decision_log_)}}};
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

TEST_F(PolicyStoryTest, TheHoldIsMadeLongerAndShorterAgain) {
  EXPECT_EQ(HoldSeconds(), 24 * 3600);
  v1::ValidatePolicyRequest validate;
  validate.set_text(WithLongHold());
  const auto valid = Call(&Policies::ValidatePolicy, validate);
  EXPECT_NE(valid.revision(), "");

  v1::DiffPoliciesRequest diff;
  diff.mutable_candidate()->set_text(WithLongHold());
  const auto difference = Call(&Policies::DiffPolicies, diff);
  std::set<v1::Action> narrowed;
  for (const v1::PolicyDifference& one : difference.differences()) {
    EXPECT_NE(one.change(), v1::POLICY_CHANGE_WIDENS) << one.DebugString();
    if (one.change() == v1::POLICY_CHANGE_NARROWS) narrowed.insert(one.action());
  }
  EXPECT_EQ(narrowed, (std::set<v1::Action>{v1::ACTION_VERIFY_PASSWORD_RESET_CODE,
                                            v1::ACTION_COMPLETE_PASSWORD_RESET}));

  v1::ActivatePolicyRequest activate;
  activate.mutable_policy()->set_text(WithLongHold());
  activate.set_reason("longer hold");
  activate.set_expected_active_revision(first_);
  EXPECT_EQ(Call(&Policies::ActivatePolicy, activate).policy().revision(), valid.revision());
  EXPECT_EQ(HoldSeconds(), 48 * 3600);
  EXPECT_EQ(Policy().server().revision(), valid.revision());

  service_.server().Kill9();
  service_.Restart();
  EXPECT_EQ(HoldSeconds(), 48 * 3600) << "the database's policy counts, not the file's";

  diff.mutable_candidate()->set_revision(first_);
  v1::ActivatePolicyRequest back;
  back.mutable_policy()->set_revision(first_);
  back.set_reason("too long");
  const auto refused = service_.national_operator().Call(&Policies::ActivatePolicy, back);
  EXPECT_EQ(refused.reason(), "POLICY_WIDENS");
  back.set_diff_digest(Call(&Policies::DiffPolicies, diff).diff_digest());
  EXPECT_EQ(Call(&Policies::ActivatePolicy, back).policy().revision(), first_);
  EXPECT_EQ(HoldSeconds(), 24 * 3600);
}

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

// As a server finds it that is newer than the policy in force: the operators' own, from before a
// parameter that it needs.
TEST_F(PolicyStoryTest, APolicyFromBeforeAParameterFollowsANewerServerWithItsChanges) {
  Activate(WithLongHold());
  EXPECT_EQ(service_.server().Terminate(), 0);
  Execute(service_.server().database(),
          "UPDATE policy_revisions SET text = "
          "replace(text, 'parameters { name: \"printed_codes_few\" value: \"3\" }', '')");
  service_.server().StartUnready();
  EXPECT_EQ(service_.server().process().Wait(), 1);
  EXPECT_THAT(service_.server().LogText(),
              HasSubstr("parameters are missing: printed_codes_few\n"));
  EXPECT_THAT(service_.server().LogText(), HasSubstr("'gatehouse-server policy show'"));

  const Told stored = Offline({"policy", "show"});
  ASSERT_EQ(stored.exit_code, 0) << stored.text;
  const std::string file = directory_.Write("stored.textproto", stored.text);
  const Told as_it_is =
      Offline({"policy", "activate", absl::StrCat("--policy=", file), "--reason=as it is"});
  EXPECT_EQ(as_it_is.exit_code, 1);
  EXPECT_THAT(as_it_is.text, HasSubstr("parameters are missing: printed_codes_few\n"));

  const Told upgraded =
      RunProgram("gatehouse-policy", {"upgrade", file, "--from", kShippedRules, "--json"});
  ASSERT_EQ(upgraded.exit_code, 0) << upgraded.text;
  const auto json = nlohmann::json::parse(upgraded.text);
  EXPECT_EQ(json["added"], nlohmann::json::array({"parameters printed_codes_few"}));
  const std::string completed = absl::StrCat(
      "--policy=", directory_.Write("completed", json["text"].get<std::string>()).string());
  EXPECT_EQ(Offline({"policy", "activate", completed}).exit_code, 2) << "without a reason";
  const Told activated = Offline({"policy", "activate", completed, "--reason=a newer server"});
  EXPECT_EQ(activated.exit_code, 0) << activated.text;

  service_.Restart();
  EXPECT_EQ(HoldSeconds(), 48 * 3600) << "the operators' own change";
  EXPECT_THAT(activated.text, HasSubstr(absl::StrCat("in force: ", Policy().policy().revision())));
  const auto events = service_.national_operator().Call(&v1::AuditService::Stub::ListAuditEvents,
                                                        v1::ListAuditEventsRequest());
  ASSERT_TRUE(events.ok() && events->events_size() > 0) << events;
  const v1::AuditEvent& event = events->events(0);
  EXPECT_EQ(event.action(), v1::ACTION_ACTIVATE_POLICY);
  EXPECT_EQ(event.caller(), "policy-activate");
  EXPECT_EQ(event.details().at("reason"), "a newer server");
  EXPECT_EQ(event.details().at("revision"), Policy().policy().revision());
  EXPECT_NE(event.details().at("before"), first_);
}

TEST_F(PolicyStoryTest, WhatTheServerHasWrittenIsReplayedAsTheServerReplaysIt) {
  const std::string candidate =
      absl::StrCat(text_, "\nrequire { id: \"closed\" on: CREATE_ACCOUNT that: \"self\"\n",
                   "  else { reason: ACCOUNT_NOT_ACTIVE } }\n");
  v1::ReplayDecisionsRequest request;
  request.mutable_policy()->set_text(candidate);
  request.set_page_size(1000);
  const auto replayed = Call(&Policies::ReplayDecisions, request);
  ASSERT_EQ(replayed.next_page_token(), "");

  // Decisions that were made meanwhile stand behind those.
  const std::string written = harness::ReadFile(decision_log_);
  const std::vector<std::string> lines = absl::StrSplit(
      written, absl::MaxSplits('\n', static_cast<int>(replayed.decisions_replayed())));
  ASSERT_EQ(lines.size(), static_cast<size_t>(replayed.decisions_replayed()) + 1);
  const std::string same = directory_.Write(
      "same.jsonl", absl::string_view(written).substr(0, written.size() - lines.back().size()));
  const Told told =
      RunProgram("gatehouse-policy",
                 {"replay", directory_.Write("candidate.textproto", candidate), same, "--json"});
  EXPECT_EQ(told.exit_code, 5) << told.text;
  const auto json = nlohmann::json::parse(told.text);
  EXPECT_EQ(json["decisions"], replayed.decisions_replayed());
  EXPECT_EQ(json["undecided"], replayed.decisions_undecided());
  EXPECT_GT(replayed.decisions_undecided(), 0) << "of what rests on a password";
  EXPECT_EQ(json["narrowed"], replayed.changed_size());
  EXPECT_GT(replayed.changed_size(), 0) << "people were created";
  for (const std::string& personal : {asha_.account_id, asha_.username, std::string("Asha")}) {
    EXPECT_THAT(written, Not(HasSubstr(personal)));
  }
}

TEST(PolicyFleetTest, AllServersOfAFleetSwitchWithinALease) {
  harness::PostgresProcess postgres;
  StaffedServer first({.hashing = Hashing::kCheap, .database = postgres.CreateDatabase()});
  harness::ServerProcess second({.redis = first.redis().url(),
                                 .database = first.server().database(),
                                 .keyring = first.server().keyring()});
  second.Start();
  Actor elsewhere(second.NewChannel());
  elsewhere.set_token(first.national_operator().token());
  // Empty while the server answers nothing, since it has not followed within its lease.
  const auto ask_elsewhere = [&] {
    return elsewhere.Call(&Policies::GetPolicy, v1::GetPolicyRequest())->server().revision();
  };
  const auto in_force_elsewhere = [&] {
    std::string revision;
    EXPECT_TRUE(harness::WaitUntil([&] { return !(revision = ask_elsewhere()).empty(); }));
    return revision;
  };
  const auto policy = first.national_operator().Call(&Policies::GetPolicy, v1::GetPolicyRequest());
  EXPECT_EQ(in_force_elsewhere(), policy->policy().revision())
      << "the database's, not that of the second server's file";

  constexpr absl::Duration kLease = absl::Seconds(1);
  for (int round = 1; round <= 5; ++round) {
    v1::ActivatePolicyRequest request;
    request.mutable_policy()->set_text(absl::StrCat(policy->text(), "\n# round ", round));
    request.set_reason("a remark");
    const std::string before = in_force_elsewhere();
    const auto answer = first.national_operator().Call(&Policies::ActivatePolicy, request);
    ASSERT_TRUE(answer.ok()) << answer;
    const absl::Time answered = absl::Now();
    ASSERT_TRUE(harness::WaitUntil([&] {
      const absl::Time asked = absl::Now();
      const std::string revision = ask_elsewhere();
      if (revision == before) {
        EXPECT_LT(asked - answered, kLease);
      }
      return revision == answer->policy().revision();
    }));
    std::cout << "[ FIGURE   ] round " << round << ": the other server switched within "
              << absl::Now() - answered << " of the answer\n";
  }
}

}  // namespace
}  // namespace gatehouse::e2e
