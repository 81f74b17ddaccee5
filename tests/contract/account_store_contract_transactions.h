// Part of account_store_contract.h: transactions, and what may be kept.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_TRANSACTIONS_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_TRANSACTIONS_H_

#include <string>

#include "absl/strings/match.h"

#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

TEST_P(AccountStoreContract, IsHealthyOnceOpen) {
  EXPECT_EQ(store_->CheckHealth(), absl::OkStatus());
}

TEST_P(AccountStoreContract, UndoesAllThatARefusedTransactionDid) {
  InsertAccounts(1);
  const std::string before = Text(Account(1));
  const absl::Status refusal = absl::FailedPreconditionError("refused by a rule");
  const absl::Status status = Revoke([&](Transaction& t) {
    AccountRecord account = *t.FindAccount(SampleAccount(1).id);
    account.username = "renamed";
    account.roles.clear();
    EXPECT_EQ(t.UpdateAccount(account), absl::OkStatus());
    EXPECT_EQ(t.InsertAccount(SampleAccount(2)), absl::OkStatus());
    EXPECT_EQ(t.InsertOrganisation(SampleOrganisation(2)), absl::OkStatus());
    EXPECT_EQ(t.AppendPasswordHistory(account.id, "phc", SampleTime()), absl::OkStatus());
    EXPECT_EQ(t.ReservePasswordAttempt("subject", "reservation", SampleTime()), absl::OkStatus());
    EXPECT_EQ(t.AppendSourceFailure("source", SampleTime()), absl::OkStatus());
    EXPECT_EQ(t.PutRecognition(SampleRecognition(1)), absl::OkStatus());
    EXPECT_EQ(t.InsertVerification(SampleVerification("new", 1)), absl::OkStatus());
    EXPECT_EQ(t.PutSecurityQuestions(account.id, {SampleSecurityQuestion(1)}), absl::OkStatus());
    EXPECT_EQ(t.AppendRevocation(SampleRevocation(1)).status(), absl::OkStatus());
    EXPECT_EQ(t.LockAuditHead({}).status(), absl::OkStatus());
    EXPECT_EQ(t.AppendAudit(SampleAudit({}, 1)), absl::OkStatus());
    EXPECT_EQ(t.PutReplay(SampleReplay(1), SampleTime()), absl::OkStatus());
    EXPECT_EQ(t.AppendOutbox(SampleMessage("message", account.id)), absl::OkStatus());
    return refusal;
  });
  EXPECT_EQ(status, refusal);
  EXPECT_EQ(Text(Account(1)), before);
  EXPECT_EQ(store_->Read([](Transaction& t) {
    EXPECT_TRUE(absl::IsNotFound(t.FindAccount(SampleAccount(2).id).status()));
    EXPECT_TRUE(absl::IsNotFound(t.FindAccountByUsername("renamed").status()));
    EXPECT_TRUE(absl::IsNotFound(t.FindOrganisation(SampleOrganisation(2).id).status()));
    EXPECT_EQ(t.CountHolders(v1::ROLE_OPERATOR, 9).value_or(-1), 1);
    EXPECT_TRUE(t.PasswordHistory(SampleAccount(1).id, 9)->empty());
    EXPECT_TRUE(t.FindPasswordAttempts("subject")->pending.empty());
    EXPECT_EQ(t.CountSourceFailures("source", SampleTime()).value_or(-1), 0);
    EXPECT_TRUE(absl::IsNotFound(t.FindRecognition(SampleAccount(1).id).status()));
    EXPECT_TRUE(absl::IsNotFound(t.FindVerification("new").status()));
    EXPECT_TRUE(t.FindSecurityQuestions(SampleAccount(1).id)->empty());
    EXPECT_EQ(t.ReadRevocationHead()->position, 0);
    EXPECT_TRUE(t.ReadRevocations(0, 9)->empty());
    EXPECT_TRUE(t.ListAudit({.limit = 9})->empty());
    EXPECT_TRUE(absl::IsNotFound(
        t.FindReplay("local", "ResecureAccount", "request-1", "session").status()));
    EXPECT_TRUE(t.DueOutbox(OutboxChannel::kDirectories, SampleTime(9), 9)->empty());
    return absl::OkStatus();
  }),
            absl::OkStatus());
}

TEST_P(AccountStoreContract, SeesItsOwnChangesWithinATransaction) {
  EXPECT_EQ(Write([](Transaction& t) {
              EXPECT_EQ(t.InsertAccount(SampleAccount(1)), absl::OkStatus());
              return t.FindAccountByUsername("user1").status();
            }),
            absl::OkStatus());
}

TEST_P(AccountStoreContract, GoesOnAfterAUniqueNameWasTaken) {
  InsertAccounts(1);
  EXPECT_EQ(Write([](Transaction& t) {
              AccountRecord namesake = SampleAccount(2);
              namesake.username = "user1";
              EXPECT_TRUE(absl::IsAlreadyExists(t.InsertAccount(namesake)));
              return t.PutReplay(SampleReplay(1), SampleTime());
            }),
            absl::OkStatus());
  EXPECT_TRUE(Read([](Transaction& t) {
                return t.FindReplay("local", "ResecureAccount", "request-1", "session");
              }).ok());
}

TEST_P(AccountStoreContract, CommitsNothingAfterAFailureThatTheBodyIgnored) {
  const absl::Status status = Write([](Transaction& t) {
    EXPECT_EQ(t.PutReplay(SampleReplay(1), SampleTime()), absl::OkStatus());
    AccountRecord stray = SampleAccount(1);
    stray.organisation_id = OrganisationId("of-no-organisation");
    EXPECT_TRUE(absl::IsInternal(t.InsertAccount(stray)));
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_TRUE(absl::IsNotFound(Read([](Transaction& t) {
                                 return t.FindReplay("local", "ResecureAccount", "request-1",
                                                     "session");
                               }).status()));
}

TEST_P(AccountStoreContract, WritesNothingInARead) {
  EXPECT_EQ(store_->Read([](Transaction& t) {
    EXPECT_TRUE(absl::IsInternal(t.InsertAccount(SampleAccount(1))));
    EXPECT_TRUE(absl::IsInternal(t.LockAuditHead({}).status()));
    EXPECT_TRUE(absl::IsInternal(t.NotePassword(SampleAccount(1).id, 1)));
    EXPECT_TRUE(absl::IsInternal(t.PutRefusalRun(SampleRefusalRun({}, "locked"))));
    EXPECT_TRUE(absl::IsInternal(t.Tidy(Perishable::kReplays, SampleTime(), 1).status()));
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_TRUE(absl::IsNotFound(
      Read([](Transaction& t) { return t.FindAccount(SampleAccount(1).id); }).status()));
}

TEST_P(AccountStoreContract, RefusesTextThatNotAllDatabasesCanKeepAndGoesOn) {
  const std::string cases[] = {std::string("nul\0inside", 10), "\xff", "cut\xe2\x82", "\xc0\x80",
                               "\xed\xa0\x80"};
  for (const std::string& text : cases) {
    AccountRecord account = SampleAccount(1);
    account.profile.display_name = text;
    EXPECT_EQ(Write([&](Transaction& t) {
                const absl::Status status = t.InsertAccount(account);
                EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
                EXPECT_FALSE(absl::StrContains(status.message(), text));
                return t.FindOrganisation(SampleOrganisation(1).id).status();
              }),
              absl::OkStatus());
  }
}

TEST_P(AccountStoreContract, KeepsAllLanguagesAndMetacharactersOfSql) {
  const std::string cases[] = {"Ελένη Παπαδοπούλου", "山田太郎", "👩‍⚕️",
                               "Robert'); DROP TABLE accounts;--", ":name $1 ? %s \\ \" ''"};
  int number = 0;
  for (const std::string& text : cases) {
    AccountRecord account = SampleAccount(++number);
    account.profile = {text, text, text, text, text};
    EXPECT_EQ(Write([&](Transaction& t) { return t.InsertAccount(account); }), absl::OkStatus());
    EXPECT_EQ(Text(Account(number)), Text(account));
  }
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_TRANSACTIONS_H_
