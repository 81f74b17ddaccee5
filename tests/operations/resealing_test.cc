// A change of keys: what was sealed under the former one moves, and nobody notices.
#include "server/operations/secret/resealing.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "server/operations/account_operations.h"
#include "tests/harness/authenticator.h"
#include "tests/operations/verification_world.h"

namespace gatehouse::server {
namespace {

using storage::SealedKind;

class ResealingTest : public VerificationWorldTest {
 protected:
  ResealingTest() { GiveQuestions(sam_, {"St. Mary's", "Rex", "Blue"}); }

  std::int64_t CountUnder(const std::string& key_id, SealedKind kind) {
    std::int64_t count = -1;
    EXPECT_TRUE(world_.accounts()
                    .Read([&](storage::Transaction& transaction) {
                      count = transaction.CountSealed(kind, key_id).value_or(-1);
                      return absl::OkStatus();
                    })
                    .ok());
    return count;
  }

  std::string Pass(
      int rows = 200, absl::FunctionRef<bool()> stopping = [] { return false; }) {
    const Dependencies& dependencies = world_.dependencies();
    Resealing resealing(dependencies.accounts, dependencies.keys, world_.ListedKeys(),
                        dependencies.entropy, dependencies.log, dependencies.metrics, rows);
    return Outcome(resealing.Pass(stopping));
  }
};

TEST_F(ResealingTest, EverythingSealedMovesToTheActiveKeyAndStillOpens) {
  const std::string former = world_.Find(asha_).secret.key_id;
  const storage::AccountRecord before = world_.Find(asha_);
  world_.RotateKeys();
  EXPECT_EQ(Try(agent_, true), "SUCCESS") << "both keys serve";
  EXPECT_EQ(CountUnder(former, SealedKind::kAccountSecret), 5);
  EXPECT_EQ(CountUnder(former, SealedKind::kSecurityAnswer), 3);

  EXPECT_EQ(Pass(), "OK");
  for (const SealedKind kind : storage::kSealedKinds) EXPECT_EQ(CountUnder(former, kind), 0);
  const storage::AccountRecord after = world_.Find(asha_);
  EXPECT_NE(after.secret.ciphertext, before.secret.ciphertext);
  EXPECT_EQ(after.row_version, before.row_version);
  EXPECT_EQ(after.secret.version, before.secret.version);
  EXPECT_EQ(Try(agent_, true), "SUCCESS");
  EXPECT_EQ(Outcome(Start(agent_, sam_)), "OK");
  EXPECT_THAT(world_.log(), testing::HasSubstr("resealed"));
  EXPECT_EQ(Outcome(SetSecret("MARMALADEJAR")), "OK");
}

TEST_F(ResealingTest, WhatAppsShareMovesAndStillMakesTheSameCodes) {
  const std::string token = world_.Enter(asha_);
  v1::RegisterAuthenticationMethodRequest request;
  request.set_password(kPassword);
  request.set_kind(v1::AUTHENTICATION_METHOD_KIND_TOTP);
  const auto registered = world_.Call(token, RegisterAuthenticationMethod, request);
  ASSERT_TRUE(registered.ok()) << registered.status();
  std::string former;
  for (const KeyDescription& key : world_.ListedKeys()) {
    if (key.purpose == KeyPurpose::kSecondFactor && key.active) former = key.id;
  }
  world_.RotateKeys();
  EXPECT_EQ(CountUnder(former, SealedKind::kTotpSecret), 1);
  EXPECT_EQ(Pass(), "OK");
  EXPECT_EQ(CountUnder(former, SealedKind::kTotpSecret), 0);
  v1::ConfirmAuthenticationMethodRequest confirm;
  confirm.set_method_id(registered->method().method_id());
  confirm.set_code(harness::Authenticator(registered->otpauth_uri()).CodeAt(world_.clock().Now()));
  EXPECT_EQ(Outcome(world_.Call(token, ConfirmAuthenticationMethod, confirm)), "OK");
}

TEST_F(ResealingTest, GoesOnPageByPageAndStopsWhenTold) {
  const std::string former = world_.Find(asha_).secret.key_id;
  world_.RotateKeys();
  EXPECT_EQ(Pass(2, [] { return true; }), "OK");
  EXPECT_EQ(CountUnder(former, SealedKind::kAccountSecret), 3);
  EXPECT_EQ(Pass(2), "OK");
  EXPECT_EQ(CountUnder(former, SealedKind::kAccountSecret), 0);
}

TEST_F(ResealingTest, WhatCannotBeOpenedIsLeftAndHoldsUpNothing) {
  const std::string former = world_.Find(asha_).secret.key_id;
  world_.Change(asha_, [](storage::AccountRecord& account) {
    account.secret.ciphertext[30] = static_cast<char>(account.secret.ciphertext[30] ^ 1);
  });
  const std::string altered = world_.Find(asha_).secret.ciphertext;
  world_.RotateKeys();
  EXPECT_EQ(Pass(1), "OK");
  EXPECT_EQ(CountUnder(former, SealedKind::kAccountSecret), 1);
  EXPECT_EQ(world_.Find(asha_).secret.ciphertext, altered);
  EXPECT_THAT(world_.log(), testing::HasSubstr("unreadable"));
}

TEST_F(ResealingTest, ASecretThatIsSetMeanwhileStays) {
  world_.RotateKeys();
  world_.BeforeWrite(0, [&] { ASSERT_EQ(Outcome(SetSecret("MARMALADEJAR")), "OK"); });
  EXPECT_EQ(Pass(), "OK");
  const Started started = MustStart(agent_);
  EXPECT_EQ(OutcomeOf(Answer(agent_, started.verification_id(), Right(started, "MARMALADEJAR"))),
            "SUCCESS");
}

TEST_F(ResealingTest, ARepeatedRequestIsRecognisedAcrossAChangeOfKeys) {
  v1::StartIdentityVerificationRequest request;
  request.set_account_id(asha_.value());
  request.set_request_id(world_.NewRequestId());
  const std::string token = world_.Enter(agent_);
  const auto first = world_.Call(token, StartIdentityVerification, request);
  world_.RotateKeys();
  const auto second = world_.Call(token, StartIdentityVerification, request);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(first->verification_id(), second->verification_id());
}

TEST_F(ResealingTest, AFormerSecretIsKnownAcrossAChangeOfKeys) {
  ASSERT_EQ(Outcome(SetSecret("MARMALADEJAR")), "OK");
  ASSERT_EQ(Outcome(SetSecret("PEPPERMILLING")), "OK");
  world_.RotateKeys();
  EXPECT_EQ(Outcome(SetSecret("MARMALADEJAR")), "FAILED_PRECONDITION / SECRET_REUSED");
}

}  // namespace
}  // namespace gatehouse::server
