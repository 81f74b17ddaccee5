// Part of account_store_contract.h: policies.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_POLICIES_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_POLICIES_H_

#include <string>
#include <vector>

#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

inline std::vector<std::string> Names(const std::vector<PolicyRevisionRecord>& revisions) {
  std::vector<std::string> names;
  for (const PolicyRevisionRecord& revision : revisions) names.push_back(revision.revision);
  return names;
}

TEST_P(AccountStoreContract, BeginsWithoutAnyPolicy) {
  EXPECT_EQ(Text(*Read([](Transaction& t) { return t.ReadPolicyState(); })),
            Text(PolicyStateRecord()));
  EXPECT_TRUE(absl::IsNotFound(
      Read([](Transaction& t) { return t.FindPolicyRevision("revision-1"); }).status()));
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocationHead(); })->policy_position, 0);
}

TEST_P(AccountStoreContract, ReadsBackAPolicyRevisionExactly) {
  ASSERT_EQ(Write([](Transaction& t) { return t.SavePolicyRevision(SamplePolicyRevision(1)); }),
            absl::OkStatus());
  PolicyRevisionRecord expected = SamplePolicyRevision(1);
  expected.activation = 1;
  EXPECT_EQ(Text(*Read([](Transaction& t) { return t.FindPolicyRevision("revision-1"); })),
            Text(expected));
}

TEST_P(AccountStoreContract, ListsActivatedPoliciesTheLatestFirstAndPageByPage) {
  ASSERT_EQ(Write([](Transaction& t) {
              PolicyRevisionRecord shadow = SamplePolicyRevision(9);
              shadow.activated_at.reset();
              absl::Status status = t.SavePolicyRevision(shadow);
              for (const int number : {1, 2, 3, 1}) {
                status.Update(t.SavePolicyRevision(SamplePolicyRevision(number)));
              }
              return status;
            }),
            absl::OkStatus());
  const auto first = Read([](Transaction& t) { return t.ListPolicyRevisions(0, 2); });
  EXPECT_EQ(Names(*first), (std::vector<std::string>{"revision-1", "revision-3"}));
  EXPECT_EQ(first->at(0).text, "");
  EXPECT_EQ(Names(*Read([&](Transaction& t) {
              return t.ListPolicyRevisions(first->back().activation, 9);
            })),
            std::vector<std::string>{"revision-2"});
}

TEST_P(AccountStoreContract, KeepsAnActivationWhenItsTextIsSavedAgainWithoutOne) {
  PolicyRevisionRecord shadow = SamplePolicyRevision(1);
  shadow.activated_at.reset();
  ASSERT_EQ(Write([&](Transaction& t) {
              absl::Status status = t.SavePolicyRevision(SamplePolicyRevision(1));
              status.Update(t.SavePolicyRevision(shadow));
              return status;
            }),
            absl::OkStatus());
  EXPECT_EQ(Read([](Transaction& t) { return t.FindPolicyRevision("revision-1"); })->activated_at,
            SamplePolicyRevision(1).activated_at);
}

TEST_P(AccountStoreContract, ChangesTheStateOfPoliciesAtAPositionOfTheRevocationLog) {
  const PolicyStateRecord state{
      .active = "revision-1", .shadow = "revision-2", .shadow_since = SampleTime(3)};
  ASSERT_EQ(Revoke([&](Transaction& t) {
              EXPECT_EQ(t.AppendRevocation(SampleRevocation(1)).value_or(-1), 1);
              EXPECT_EQ(t.ChangePolicyState(state).value_or(-1), 2);
              EXPECT_EQ(t.AppendRevocation(SampleRevocation(2)).value_or(-1), 3);
              return absl::OkStatus();
            }),
            absl::OkStatus());
  EXPECT_EQ(Text(*Read([](Transaction& t) { return t.ReadPolicyState(); })), Text(state));
  ASSERT_EQ(Write([](Transaction& t) { return t.StartIncarnation("incarnation-2"); }),
            absl::OkStatus());
  const auto head = Read([](Transaction& t) { return t.ReadRevocationHead(); });
  EXPECT_EQ(head->position, 3);
  EXPECT_EQ(head->policy_position, 2);
}

TEST_P(AccountStoreContract, ChangesTheStateOfPoliciesOnlyInARevokingTransaction) {
  EXPECT_EQ(
      Write([](Transaction& t) {
        EXPECT_TRUE(absl::IsFailedPrecondition(t.ChangePolicyState({.active = "x"}).status()));
        return absl::OkStatus();
      }),
      absl::OkStatus());
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadPolicyState(); })->active, "");
}

TEST_P(AccountStoreContract, ForgetsAPolicyWhoseTransactionFailed) {
  EXPECT_FALSE(Revoke([](Transaction& t) {
                 absl::Status status = t.SavePolicyRevision(SamplePolicyRevision(1));
                 status.Update(t.ChangePolicyState({.active = "revision-1"}).status());
                 EXPECT_EQ(status, absl::OkStatus());
                 return absl::CancelledError();
               }).ok());
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadPolicyState(); })->active, "");
  EXPECT_EQ(Read([](Transaction& t) { return t.ListPolicyRevisions(0, 9); })->size(), 0u);
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocationHead(); })->policy_position, 0);
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_POLICIES_H_
