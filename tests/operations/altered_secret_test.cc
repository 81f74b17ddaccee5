// What recognising a caller does with a sealed secret, or a question, that is not what was put
// there.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/operations/verification_world.h"

namespace gatehouse::server {
namespace {

using AlteredSecretTest = VerificationWorldTest;

TEST_F(AlteredSecretTest, AnAlteredOrMovedSecretIsRefusedAuditedAndNeverRead) {
  const storage::AccountSecretRecord sams = world_.Find(sam_).secret;
  const storage::AccountSecretRecord own = world_.Find(asha_).secret;
  const struct {
    const char* what;
    storage::AccountSecretRecord secret;
  } cases[] = {
      {"another account's", sams},
      {"a bit flipped",
       {.ciphertext = own.ciphertext.substr(0, 40) + static_cast<char>(own.ciphertext[40] ^ 1) +
                      own.ciphertext.substr(41),
        .key_id = own.key_id,
        .version = own.version}},
      {"another version", {.ciphertext = own.ciphertext, .key_id = own.key_id, .version = 7}},
      {"cut off", {.ciphertext = "short", .key_id = own.key_id, .version = own.version}},
  };
  for (const auto& [what, secret] : cases) {
    world_.Change(asha_, [&](storage::AccountRecord& account) { account.secret = secret; });
    EXPECT_EQ(Outcome(Start(agent_, asha_)), "INTERNAL / INTERNAL") << what;
    const storage::AuditRecord event = world_.Audit(riverside_)[0];
    EXPECT_EQ(event.outcome, v1::AUDIT_OUTCOME_DENIED) << what;
    EXPECT_EQ(event.details.at("fault"), "sealed_value_altered") << what;
  }
}

TEST_F(AlteredSecretTest, ASecretThatIsAlteredDuringTheCallIsNotReadEither) {
  const Started started = MustStart(agent_);
  const storage::AccountSecretRecord sams = world_.Find(sam_).secret;
  const storage::AccountSecretRecord own = world_.Find(asha_).secret;
  world_.Change(
      asha_, [&](storage::AccountRecord& account) { account.secret.ciphertext = sams.ciphertext; });
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Outcome(Answer(agent_, started.verification_id(), Right(started))),
              "INTERNAL / INTERNAL");
  }
  world_.Change(asha_, [&](storage::AccountRecord& account) { account.secret = own; });
  EXPECT_EQ(OutcomeOf(Answer(agent_, started.verification_id(), Right(started))), "SUCCESS")
      << "it cost the caller nothing";
}

TEST_F(AlteredSecretTest, WhatCannotHaveBeenAskedIsNeverCompared) {
  for (const std::vector<int>& asked :
       std::vector<std::vector<int>>{{0, 1, 2}, {-1, 2, 3}, {1, 2, 99}}) {
    EXPECT_EQ(Outcome(Answer(agent_, Insert(asked), Wrong())), kInvalid)
        << testing::PrintToString(asked);
  }
  const int64_t version = world_.Find(asha_).secret.version;
  ASSERT_TRUE(world_.accounts()
                  .Transact([&](storage::Transaction& transaction) {
                    return transaction.PutRecognition(
                        {.account_id = asha_, .secret_version = version, .asked = {0, 1, 2}});
                  })
                  .ok());
  EXPECT_EQ(Try(agent_, true), "SUCCESS") << "it is drawn anew";
}

TEST_F(AlteredSecretTest, AKeyThatIsGoneIsNamedAsSuch) {
  world_.ReplaceKeyRing();
  EXPECT_EQ(Outcome(Start(agent_, asha_)), "UNAVAILABLE / KEY_UNAVAILABLE");
}

}  // namespace
}  // namespace gatehouse::server
