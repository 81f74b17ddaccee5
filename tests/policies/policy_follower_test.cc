// A server's policy follows the database's.
#include "server/policies/policy_follower.h"

#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/policies/policy_text.h"
#include "storage/memory/account_store.h"
#include "tests/policy/testing.h"

namespace gatehouse::server {
namespace {

using testing::HasSubstr;

constexpr char kFirst[] = "permit { id: 'first' on: GET_ACCOUNT }";
constexpr char kSecond[] = "permit { id: 'second' on: GET_ACCOUNT }";

class PolicyFollowerTest : public testing::Test {
 protected:
  // Stores the text under its own digest, or under another.
  std::string Save(absl::string_view rules, absl::string_view revision = "") {
    const std::string text = policy::PolicyText(rules);
    std::string name(revision);
    if (name.empty()) name = policy::CompileOrDie(rules)->revision().ToString();
    Revoke([&](storage::Transaction& transaction) {
      return transaction.SavePolicyRevision(
          {.revision = name, .text = text, .activated_at = absl::UnixEpoch()});
    });
    return name;
  }

  void Change(const storage::PolicyStateRecord& state) {
    Revoke([&](storage::Transaction& transaction) {
      return transaction.ChangePolicyState(state).status();
    });
  }

  void Revoke(storage::TransactionBody body) {
    ASSERT_EQ(accounts_->TransactRevoking(body), absl::OkStatus());
  }

  absl::Status Follow() {
    storage::RevocationHead head;
    EXPECT_EQ(accounts_->Read([&](storage::Transaction& transaction) {
      const auto read = transaction.ReadRevocationHead();
      if (read.ok()) head = *read;
      return read.status();
    }),
              absl::OkStatus());
    return follower_.Follow(head);
  }

  std::string InForce() const { return policies_.Get()->revision().ToString(); }

  std::unique_ptr<storage::AccountStore> accounts_ = storage::NewMemoryAccountStore("incarnation");
  std::ostringstream log_text_;
  Logger log_{LogLevel::kInfo, log_text_};
  Metrics metrics_;
  policy::PolicyHolder policies_{policy::CompileOrDie(kFirst)};
  DecisionJournal journal_{metrics_, {}};
  PolicyFollower follower_{{.accounts = *accounts_,
                            .policies = policies_,
                            .journal = journal_,
                            .log = log_,
                            .metrics = metrics_}};
};

TEST_F(PolicyFollowerTest, WithoutAnyPolicyInTheDatabaseTheFirstStays) {
  const std::string before = InForce();
  EXPECT_EQ(Follow(), absl::OkStatus());
  EXPECT_EQ(InForce(), before);
}

TEST_F(PolicyFollowerTest, TakesOverWhatCameIntoForceAndGoesBack) {
  const std::string first = Save(kFirst);
  const std::string second = Save(kSecond);
  Change({.active = second});
  const auto begun = policies_.Get();
  EXPECT_EQ(Follow(), absl::OkStatus());
  EXPECT_EQ(InForce(), second);
  EXPECT_EQ(begun->revision().ToString(), first) << "what has begun keeps its policy";
  Change({.active = first});
  EXPECT_EQ(Follow(), absl::OkStatus());
  EXPECT_EQ(InForce(), first);
  EXPECT_THAT(log_text_.str(), HasSubstr("policy_switched"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_policy_switches_total 2"));
}

TEST_F(PolicyFollowerTest, APolicyThatIsNotUnderstoodIsNoReasonToGoOnSilently) {
  const std::string before = InForce();
  Change({.active = Save("permit { id: 'new' on: OPERATION_OF_TOMORROW }", "newer")});
  const absl::Status status = Follow();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("OPERATION_OF_TOMORROW"));
  EXPECT_EQ(InForce(), before);
  EXPECT_FALSE(Follow().ok()) << "not only once";
  Change({.active = Save(kSecond)});
  EXPECT_EQ(Follow(), absl::OkStatus());
}

TEST_F(PolicyFollowerTest, ATextThatWasTamperedWithIsNotBelieved) {
  Change({.active = Save(kSecond, "another-digest")});
  EXPECT_EQ(Follow().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(PolicyFollowerTest, TriesTheCandidateInShadowUntilItIsTakenAway) {
  const std::string first = Save(kFirst);
  const std::string second = Save(kSecond);
  Change({.active = first, .shadow = second, .shadow_since = absl::UnixEpoch()});
  EXPECT_EQ(Follow(), absl::OkStatus());
  ASSERT_NE(journal_.shadow(), nullptr);
  EXPECT_EQ(journal_.shadow()->revision().ToString(), second);
  EXPECT_EQ(InForce(), first);
  Change({.active = first});
  EXPECT_EQ(Follow(), absl::OkStatus());
  EXPECT_EQ(journal_.shadow(), nullptr);
}

TEST_F(PolicyFollowerTest, ACandidateInShadowThatIsNotUnderstoodChangesNothing) {
  const std::string first = Save(kFirst);
  Change({.active = first,
          .shadow = Save("permit { id: 'new' on: OPERATION_OF_TOMORROW }", "newer"),
          .shadow_since = absl::UnixEpoch()});
  EXPECT_EQ(Follow(), absl::OkStatus());
  EXPECT_EQ(journal_.shadow(), nullptr);
  EXPECT_THAT(log_text_.str(), HasSubstr("policy_shadow_not_understood"));
}

TEST_F(PolicyFollowerTest, WhatWasCompiledAlreadyIsNotCompiledAgain) {
  const auto compiled = policy::CompileOrDie(kSecond);
  follower_.Expect(compiled);
  Change({.active = Save(kSecond)});
  EXPECT_EQ(Follow(), absl::OkStatus());
  EXPECT_EQ(policies_.Get(), compiled);
}

TEST_F(PolicyFollowerTest, TellsOfAFailedReloadUntilOneSucceeds) {
  EXPECT_EQ(follower_.CheckReload(), absl::OkStatus());
  follower_.NoteReload({.time = absl::UnixEpoch(), .outcome = absl::InvalidArgumentError("bad")});
  EXPECT_EQ(follower_.CheckReload().message(), "bad");
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_policy_failed_reloads_total 1"));
  follower_.NoteReload({.time = absl::UnixEpoch(), .outcome = absl::OkStatus()});
  EXPECT_EQ(follower_.CheckReload(), absl::OkStatus());
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_policy_failed_reloads_total 1"));
}

}  // namespace
}  // namespace gatehouse::server
