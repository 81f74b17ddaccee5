// What a recognised caller can be helped with: one operation, once, by the agent who asked.
#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/operations/verification_world.h"

namespace gatehouse::server {
namespace {

constexpr char kInvalid[] = "FAILED_PRECONDITION / VERIFICATION_INVALID";

class VerificationGrantTest : public VerificationWorldTest {
 protected:
  template <typename Request>
  Request Act(const std::string& verification_id, const storage::AccountId& target) {
    Request request;
    request.set_account_id(target.value());
    request.set_reason("called the desk");
    request.mutable_identity_check()->set_verification_id(verification_id);
    return request;
  }

  std::string Reset(const storage::AccountId& agent, const std::string& verification_id,
                    const storage::AccountId& target) {
    return Outcome(world_.Call(world_.Enter(agent), ResetPassword,
                               Act<v1::ResetPasswordRequest>(verification_id, target)));
  }
  std::string Reset(const storage::AccountId& agent, const std::string& verification_id) {
    return Reset(agent, verification_id, asha_);
  }
  std::string Unlock(const std::string& verification_id) {
    return Outcome(world_.Call(world_.Enter(agent_), UnlockAccount,
                               Act<v1::UnlockAccountRequest>(verification_id, asha_)));
  }
  void Lock() {
    world_.Change(asha_, [&](auto& account) { account.locked_at = world_.clock().Now(); });
  }
};

TEST_F(VerificationGrantTest, ResetsAPasswordOnceAndTheAuditNamesIt) {
  const std::string grant = Grant(agent_);
  EXPECT_EQ(Reset(agent_, grant), "OK");
  EXPECT_EQ(world_.Audit(riverside_)[0].details.at("verification_id"), grant);
  EXPECT_EQ(Reset(agent_, grant), kInvalid);
}

TEST_F(VerificationGrantTest, UnlocksAnAccountOnce) {
  Lock();
  const std::string grant = Grant(agent_);
  EXPECT_EQ(Unlock(grant), "OK");
  EXPECT_FALSE(world_.Find(asha_).locked_at.has_value());
  Lock();
  EXPECT_EQ(Unlock(grant), kInvalid);
}

TEST_F(VerificationGrantTest, JoinsALeaverWhomTheSameAgentLooksAfter) {
  const auto clinic = world_.AddOrganisation("North Clinic", /*nas_managed=*/true);
  const auto surgery = world_.AddOrganisation("South Surgery", /*nas_managed=*/true);
  const auto national = world_.AddPerson(clinic, "national", v1::ROLE_NATIONAL_ADMIN);
  const auto leaver = world_.AddPerson(clinic, "lee.ver");
  world_.Change(leaver, [&](auto& account) { account.leaver_at = world_.clock().Now(); });
  const auto started = Start(national, leaver);
  ASSERT_TRUE(started.ok()) << started.status();
  ASSERT_EQ(OutcomeOf(Answer(national, started->verification_id(), Right(*started))), "SUCCESS");
  auto request = Act<v1::JoinOrganisationRequest>(started->verification_id(), leaver);
  request.set_organisation_id(surgery.value());
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(national), JoinOrganisation, request)), "OK");
  EXPECT_EQ(world_.Find(leaver).organisation_id, surgery);
}

TEST_F(VerificationGrantTest, IsNotEnoughForAResecure) {
  const std::string grant = Grant(admin_);
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(admin_), ResecureAccount,
                                Act<v1::ResecureAccountRequest>(grant, asha_))),
            "FAILED_PRECONDITION / IDENTITY_CHECK_INSUFFICIENT");
  EXPECT_EQ(Reset(admin_, grant), "OK") << "it was not used up";
}

TEST_F(VerificationGrantTest, HelpsTheAgentWhoAskedAndNobodyElse) {
  const std::string grant = Grant(agent_);
  EXPECT_EQ(Reset(other_agent_, grant), kInvalid);
  EXPECT_EQ(Reset(admin_, grant), kInvalid);
  EXPECT_EQ(Reset(agent_, grant, sam_), kInvalid);
  EXPECT_EQ(Reset(agent_, grant), "OK");
}

TEST_F(VerificationGrantTest, WhatIsNoGrantIsRefusedInTheSameWords) {
  const Started failed = MustStart(agent_);
  ASSERT_EQ(OutcomeOf(Answer(agent_, failed.verification_id(), Wrong())), "FAILED");
  const Started open = MustStart(agent_);
  for (const std::string& id :
       {std::string("AAAAAAAAAAAAAAAAAAAAAA"), open.verification_id(), failed.verification_id()}) {
    EXPECT_EQ(Reset(agent_, id), kInvalid);
  }
}

TEST_F(VerificationGrantTest, IsGoodForTenMinutesExactly) {
  const std::string in_time = Grant(agent_);
  world_.Advance(absl::Minutes(10) - absl::Microseconds(1));
  EXPECT_EQ(Reset(agent_, in_time), "OK");
  const std::string too_late = Grant(agent_);
  world_.Advance(absl::Minutes(10));
  EXPECT_EQ(Reset(agent_, too_late), kInvalid);
}

TEST_F(VerificationGrantTest, DiesWithWhateverChangesWhoseAccountItIs) {
  const struct {
    const char* what;
    std::function<void()> happens;
  } cases[] = {
      {"a resecure",
       [&] {
         auto request = Act<v1::ResecureAccountRequest>("", asha_);
         request.mutable_identity_check()->mutable_attestation()->set_kind(
             v1::ATTESTATION_KIND_DOCUMENT);
         ASSERT_EQ(Outcome(world_.Call(world_.Enter(admin_), ResecureAccount, request)), "OK");
       }},
      {"a reset by another agent", [&] { ASSERT_EQ(Reset(admin_, Grant(admin_)), "OK"); }},
      {"a new secret", [&] { ASSERT_EQ(Outcome(SetSecret("MARMALADEJAR")), "OK"); }},
      {"another organisation",
       [&] { world_.Change(asha_, [&](auto& account) { account.organisation_id = hilltop_; }); }},
  };
  for (const auto& [what, happens] : cases) {
    const storage::AccountRecord before = world_.Find(asha_);
    const std::string grant = Grant(agent_);
    happens();
    const std::string outcome = Reset(agent_, grant);
    EXPECT_TRUE(outcome == kInvalid || outcome == "PERMISSION_DENIED / NOT_PERMITTED")
        << what << ": " << outcome;
    world_.Change(asha_, [&](storage::AccountRecord& account) {
      account.organisation_id = before.organisation_id;
      account.status = before.status;
      account.password = before.password;
      account.aup_version = before.aup_version;
      account.profile_confirmed_at = before.profile_confirmed_at;
      account.resecured_at.reset();
      ++account.secret.version;
      account.secret.key_id = before.secret.key_id;
      account.secret.ciphertext =
          world_.dependencies()
              .secret_vault.Seal(asha_.value(), account.secret.version, SecretString(kSecret))
              .bytes;
    });
  }
}

TEST_F(VerificationGrantTest, ARefusedOrARehearsedOperationDoesNotUseItUp) {
  const std::string grant = Grant(agent_);
  EXPECT_EQ(Unlock(grant), "FAILED_PRECONDITION / NOT_LOCKED");
  auto rehearsal = Act<v1::ResetPasswordRequest>(grant, asha_);
  rehearsal.set_validate_only(true);
  EXPECT_EQ(Outcome(world_.Call(world_.Enter(agent_), ResetPassword, rehearsal)), "OK");
  EXPECT_EQ(Reset(agent_, grant), "OK");
}

TEST_F(VerificationGrantTest, OfManyAtOnceOneIsHelped) {
  Lock();
  const std::string grant = Grant(agent_);
  const std::string token = world_.Enter(agent_);
  constexpr size_t kAttempts = 16;
  std::vector<std::string> outcomes(kAttempts);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kAttempts; ++i) {
    threads.emplace_back([&, i] {
      outcomes[i] =
          Outcome(world_.Call(token, ResetPassword, Act<v1::ResetPasswordRequest>(grant, asha_)));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << kAttempts
            << " parallel uses of one grant: " << std::count(outcomes.begin(), outcomes.end(), "OK")
            << " done\n";
  EXPECT_EQ(std::count(outcomes.begin(), outcomes.end(), "OK"), 1);
}

TEST_F(VerificationGrantTest, ARepeatedRequestIsTheSameUse) {
  auto request = Act<v1::ResetPasswordRequest>(Grant(agent_), asha_);
  request.set_request_id(world_.NewRequestId());
  const std::string token = world_.Enter(agent_);
  EXPECT_EQ(Outcome(world_.Call(token, ResetPassword, request)), "OK");
  const auto again = world_.Call(token, ResetPassword, request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
}

}  // namespace
}  // namespace gatehouse::server
