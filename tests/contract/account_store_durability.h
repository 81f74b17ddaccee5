// What every account store on a disk does beyond account_store_contract.h: it outlives its process.
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, AccountStoreDurability, testing::Values(&MakeSqliteEngine));
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_DURABILITY_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_DURABILITY_H_

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"

#include "tests/contract/account_store_fixture.h"
#include "tests/contract/sql_engine.h"

namespace gatehouse::storage {

class AccountStoreDurability : public AccountStoreTest {
 protected:
  // One transaction of two rows; both are there or none.
  static absl::Status InsertPair(AccountStore& store, int number) {
    return store.Transact([number](Transaction& t) {
      if (absl::Status status = t.InsertAccount(SampleAccount(number)); !status.ok()) return status;
      return t.PutReplay(SampleReplay(number), SampleTime());
    });
  }

  bool HasAccount(int number) {
    return Read([&](Transaction& t) { return t.FindAccount(SampleAccount(number).id); }).ok();
  }
  bool HasReplay(int number) {
    const ReplayRecord replay = SampleReplay(number);
    return Read([&](Transaction& t) {
             return t.FindReplay(replay.caller, replay.method, replay.request_id, replay.presenter);
           })
        .ok();
  }

  // Writes pairs from `first` on and tells each number once it is acknowledged, until it is killed.
  [[noreturn]] void WriteUntilKilled(int first, int acknowledgements) {
    const absl::StatusOr<std::unique_ptr<AccountStore>> store = engine_->Open();
    for (int number = first; store.ok(); ++number) {
      if (!InsertPair(**store, number).ok()) break;
      if (write(acknowledgements, &number, sizeof(number)) != sizeof(number)) break;
    }
    _exit(1);
  }
};

TEST_P(AccountStoreDurability, KeepsEverythingWhenOpenedAgain) {
  InsertAccounts(1);
  ASSERT_EQ(Revoke([](Transaction& t) { return t.AppendRevocation(SampleRevocation(1)).status(); }),
            absl::OkStatus());
  store_.reset();
  OpenStore();
  EXPECT_EQ(Text(Account(1)), Text(SampleAccount(1)));
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocationHead(); })->position, 1);
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocationHead(); })->incarnation, kIncarnation);
}

TEST_P(AccountStoreDurability, KeepsTheIncarnationWhateverOneItIsOpenedWith) {
  ASSERT_EQ(Write([](Transaction& t) { return t.StartIncarnation("incarnation-2"); }),
            absl::OkStatus());
  store_.reset();
  OpenStore();
  EXPECT_EQ(Read([](Transaction& t) { return t.ReadRevocationHead(); })->incarnation,
            "incarnation-2");
}

TEST_P(AccountStoreDurability, KeepsWhatItAcknowledgedAndNoHalvesThroughKills) {
  store_.reset();
  int acknowledged = 0;
  for (int round = 1; round <= 5; ++round) {
    int channel[2];
    ASSERT_EQ(pipe(channel), 0);
    const int first = acknowledged + 2;  // one may have been committed and not acknowledged
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteUntilKilled(first, channel[1]);
    close(channel[1]);
    const int target = first + 7 * round;
    int number = 0;
    while (number < target && read(channel[0], &number, sizeof(number)) == sizeof(number)) {
      acknowledged = number;
    }
    kill(child, SIGKILL);
    while (read(channel[0], &number, sizeof(number)) == sizeof(number)) acknowledged = number;
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    close(channel[0]);
    ASSERT_GE(acknowledged, target);

    OpenStore();
    for (int each = first; each <= acknowledged; ++each) {
      EXPECT_TRUE(HasAccount(each) && HasReplay(each)) << "acknowledged and lost: " << each;
    }
    EXPECT_EQ(HasAccount(acknowledged + 1), HasReplay(acknowledged + 1));
    EXPECT_FALSE(HasAccount(acknowledged + 2));
    store_.reset();
  }
}

TEST_P(AccountStoreDurability, FoldsAnewWhatTheEngineHadFoldedAndGoesOnWhereThatBrokeOff) {
  constexpr int kAccounts = 1001;  // more than two transactions take
  InsertAccounts(kAccounts);
  const auto found = [this](const AccountFilter& filter) {
    return Read([&](Transaction& t) { return t.ListAccounts(filter); })->size();
  };
  const AccountFilter by_part{.name_part = "ÅNGSTRÖM", .limit = 2 * kAccounts};
  const AccountFilter by_prefix{.name_prefix = "DR. ZOË Å", .limit = 2 * kAccounts};
  auto& engine = dynamic_cast<SqlEngine&>(*engine_);
  store_.reset();
  engine.Execute("UPDATE account_names SET names = 'as the engine has it'");
  engine.Execute("UPDATE accounts SET display_key = 'as the engine has it'");
  engine.Execute("INSERT INTO name_folding (id, after_id) VALUES (1, 'account-1')");
  OpenStore();
  EXPECT_EQ(found(by_part), kAccounts - 1) << "account-1 had been passed";
  EXPECT_EQ(found(by_prefix), kAccounts - 1);
  store_.reset();
  engine.Execute(
      "INSERT INTO name_folding (id, after_id) VALUES (1, '')");  // since it was finished
  OpenStore();
  EXPECT_EQ(found(by_part), kAccounts);
  EXPECT_EQ(found(by_prefix), kAccounts);
}

TEST_P(AccountStoreDurability, EndsWhatWasOpenByAQuestionWhenHowItWasPutIsNotKnown) {
  InsertAccounts(1);
  auto& engine = dynamic_cast<SqlEngine&>(*engine_);
  store_.reset();
  // As the tenth migration left it.
  for (const char* statement :
       {"DELETE FROM gatehouse_schema WHERE version > 10",
        "ALTER TABLE proofs DROP COLUMN position", "ALTER TABLE verifications DROP COLUMN position",
        "ALTER TABLE verifications DROP COLUMN question",
        "ALTER TABLE verifications ADD COLUMN by_question BIGINT NOT NULL DEFAULT 0",
        "DROP TABLE name_folding"}) {
    engine.Execute(statement);
  }
  const auto insert = [&engine](const char* id, VerificationState state, int by_question) {
    engine.Execute(absl::StrCat(
        "INSERT INTO verifications (id, state, account_id, agent_id, organisation_id, "
        "secret_version, epoch, by_question, asked, expires_at, attempt_mac) VALUES ('",
        id, "', ", static_cast<int>(state), ", 'account-1', 'agent', 'organisation-1', 4, 5, ",
        by_question, ", '1', 0, '')"));
  };
  insert("by question", VerificationState::kOpen, 1);
  insert("by letters", VerificationState::kOpen, 0);
  insert("granted by question", VerificationState::kGranted, 1);
  OpenStore();
  const auto state = [this](const char* id) {
    return Read([&](Transaction& t) { return t.FindVerification(id); })->state;
  };
  EXPECT_EQ(state("by question"), VerificationState::kAbandoned);
  EXPECT_EQ(state("by letters"), VerificationState::kOpen);
  EXPECT_EQ(state("granted by question"), VerificationState::kGranted);
}

// Migration 0013.
TEST_P(AccountStoreDurability, ForgetsHowQuestionsWerePutThatAreRetiredByNow) {
  InsertAccounts(2);
  AccountRecord retired = Account(2);
  retired.has_security_questions = false;
  ASSERT_EQ(Write([&](Transaction& t) {
              absl::Status status = t.UpdateAccount(retired);
              status.Update(t.InsertVerification(SampleVerification("kept", 1)));
              status.Update(t.InsertVerification(SampleVerification("retired", 2)));
              return status;
            }),
            absl::OkStatus());
  auto& engine = dynamic_cast<SqlEngine&>(*engine_);
  store_.reset();
  for (const char* statement : {"DELETE FROM gatehouse_schema WHERE version > 12",
                                "ALTER TABLE proofs DROP COLUMN position",
                                "ALTER TABLE verifications DROP COLUMN position"}) {
    engine.Execute(statement);
  }
  OpenStore();
  const auto found = [this](const char* id) {
    return Read([&](Transaction& t) { return t.FindVerification(id); });
  };
  EXPECT_EQ(found("kept")->position, 0) << "as though it had begun before any stop";
  EXPECT_TRUE(absl::IsNotFound(found("retired").status()));
}

TEST_P(AccountStoreDurability, RefusesADatabaseOfANewerSchemaAndLeavesItAlone) {
  store_.reset();
  auto& engine = dynamic_cast<SqlEngine&>(*engine_);
  engine.Execute("INSERT INTO gatehouse_schema (version) VALUES (1000)");
  const absl::Status refused = engine.Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("schema version 1000"));
  engine.Execute("DELETE FROM gatehouse_schema WHERE version = 1000");
  OpenStore();
  EXPECT_EQ(
      Read([](Transaction& t) { return t.FindOrganisation(SampleOrganisation(1).id); }).status(),
      absl::OkStatus());
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_DURABILITY_H_
