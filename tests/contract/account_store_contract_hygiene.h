// Part of account_store_contract.h: timelines, what grows old, what time has made of it, and how a
// person is erased.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_HYGIENE_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_HYGIENE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "storage/erasure.h"
#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

class AccountStoreHygiene : public AccountStoreTest {
 protected:
  // An account with nothing that grows old but its status and its password, since `at`.
  static AccountRecord Plain(int number, v1::AccountStatus status, absl::Time at) {
    AccountRecord account = SampleAccount(number);
    account.status = status;
    account.status_changed_at = account.password.changed_at = at;
    account.last_used_at = account.locked_at = account.leaver_at = std::nullopt;
    account.password.temporary_until = std::nullopt;
    return account;
  }

  void Insert(const AccountRecord& account) {
    ASSERT_EQ(Write([&](Transaction& t) { return t.InsertAccount(account); }), absl::OkStatus());
  }

  static absl::Status Append(Transaction& transaction, const AuditRecord& audit) {
    EXPECT_EQ(transaction.LockAuditHead(audit.organisation_id).status(), absl::OkStatus());
    return transaction.AppendAudit(audit);
  }

  std::vector<std::string> Aged(AgeingFilter filter) {
    if (filter.limit == 0) filter.limit = 99;
    const auto part = Read([&](Transaction& t) { return t.ListAged(filter); });
    EXPECT_EQ(part.status(), absl::OkStatus());
    std::vector<std::string> found;
    for (const AgedAccount& aged : *part) found.push_back(aged.id.value());
    return found;
  }
};

TEST_P(AccountStoreHygiene, FindsAccountsOfAStatusByItsAgeToTheMicrosecond) {
  const std::map<Ageing, v1::AccountStatus> statuses = {
      {Ageing::kPending, v1::ACCOUNT_STATUS_PENDING},
      {Ageing::kActive, v1::ACCOUNT_STATUS_ACTIVE},
      {Ageing::kInactive, v1::ACCOUNT_STATUS_INACTIVE},
      {Ageing::kDisabled, v1::ACCOUNT_STATUS_DISABLED},
      {Ageing::kDeleted, v1::ACCOUNT_STATUS_DELETED}};
  int number = 0;
  for (const auto& [what, status] : statuses) {
    ++number;
    Insert(Plain(number, status, SampleTime(number)));
  }
  number = 0;
  for (const auto& [what, status] : statuses) {
    const std::string id = SampleAccount(++number).id.value();
    const absl::Time at = SampleTime(number);
    EXPECT_THAT(Aged({.what = what, .until = at}), testing::ElementsAre(id));
    EXPECT_THAT(Aged({.what = what, .until = at - absl::Microseconds(1)}), testing::IsEmpty());
  }
}

TEST_P(AccountStoreHygiene, CountsTheAgeOfTheActiveFromTheirLastUse) {
  AccountRecord account = Plain(1, v1::ACCOUNT_STATUS_ACTIVE, SampleTime(10));
  account.last_used_at = SampleTime(5);
  Insert(account);
  account = Plain(2, v1::ACCOUNT_STATUS_ACTIVE, SampleTime(1));
  Insert(account);
  ASSERT_EQ(Write([&](Transaction& t) { return t.RecordUse(account.id, SampleTime(9)); }),
            absl::OkStatus());
  const auto aged = *Read([](Transaction& t) {
    return t.ListAged({.what = Ageing::kActive, .until = SampleTime(10), .limit = 9});
  });
  ASSERT_EQ(aged.size(), 2u);
  EXPECT_EQ(aged[0].id, SampleAccount(2).id);
  EXPECT_EQ(aged[0].since, SampleTime(9));
  EXPECT_EQ(aged[1].id, SampleAccount(1).id);
  EXPECT_EQ(aged[1].since, SampleTime(10));
}

TEST_P(AccountStoreHygiene, FindsLeaversWhileTheyAreNeitherDeletedNorPurged) {
  int number = 0;
  for (const auto status :
       {v1::ACCOUNT_STATUS_PENDING, v1::ACCOUNT_STATUS_ACTIVE, v1::ACCOUNT_STATUS_INACTIVE,
        v1::ACCOUNT_STATUS_DISABLED, v1::ACCOUNT_STATUS_DELETED, v1::ACCOUNT_STATUS_PURGED}) {
    AccountRecord account = Plain(++number, status, SampleTime());
    account.leaver_at = SampleTime(number);
    Insert(account);
  }
  Insert(Plain(7, v1::ACCOUNT_STATUS_ACTIVE, SampleTime()));
  EXPECT_THAT(Aged({.what = Ageing::kLeavers, .until = SampleTime(9)}),
              testing::ElementsAre("account-1", "account-2", "account-3", "account-4"));
  EXPECT_THAT(Aged({.what = Ageing::kLeavers, .until = SampleTime(2)}),
              testing::ElementsAre("account-1", "account-2"));
}

TEST_P(AccountStoreHygiene, FindsPasswordsByTheNoticesThatWereGivenOfThem) {
  AccountRecord temporary = Plain(1, v1::ACCOUNT_STATUS_ACTIVE, SampleTime());
  temporary.password.temporary_until = SampleTime(3);
  Insert(temporary);
  AccountRecord lasting = Plain(2, v1::ACCOUNT_STATUS_INACTIVE, SampleTime());
  Insert(lasting);
  AccountRecord locked = Plain(3, v1::ACCOUNT_STATUS_ACTIVE, SampleTime());
  locked.locked_at = SampleTime();
  Insert(locked);
  Insert(Plain(4, v1::ACCOUNT_STATUS_DISABLED, SampleTime()));
  const AgeingFilter ending{.what = Ageing::kTemporaryPasswords, .until = SampleTime(3)};
  const auto reminded = [](int notices) {
    return AgeingFilter{.what = Ageing::kPasswords, .notices = notices, .until = SampleTime(9)};
  };
  EXPECT_THAT(Aged(ending), testing::ElementsAre("account-1"));
  EXPECT_THAT(Aged(reminded(0)), testing::ElementsAre("account-2"));

  ASSERT_EQ(Write([&](Transaction& t) {
              EXPECT_EQ(t.NotePassword(temporary.id, 1), absl::OkStatus());
              return t.NotePassword(lasting.id, 3);
            }),
            absl::OkStatus());
  EXPECT_THAT(Aged(ending), testing::IsEmpty());
  EXPECT_THAT(Aged(reminded(0)), testing::IsEmpty());
  EXPECT_THAT(Aged(reminded(3)), testing::ElementsAre("account-2"));
  EXPECT_EQ(Read([&](Transaction& t) { return t.PasswordNotices(lasting.id); }).value_or(-1), 3);
  EXPECT_EQ(Account(2).row_version, 1) << "a notice is no change of the account";
}

TEST_P(AccountStoreHygiene, ForgetsNoticesWithThePasswordAndWithNothingElse) {
  AccountRecord account = Plain(1, v1::ACCOUNT_STATUS_ACTIVE, SampleTime());
  Insert(account);
  const auto notices = [&] {
    return Read([&](Transaction& t) { return t.PasswordNotices(account.id); }).value_or(-1);
  };
  ASSERT_EQ(Write([&](Transaction& t) { return t.NotePassword(account.id, 2); }), absl::OkStatus());
  account = Account(1);
  account.locked_at = SampleTime(1);
  account.profile.given_name = "Other";
  ASSERT_EQ(Write([&](Transaction& t) { return t.UpdateAccount(account); }), absl::OkStatus());
  EXPECT_EQ(notices(), 2);
  account = Account(1);
  ++account.password.version;
  ASSERT_EQ(Write([&](Transaction& t) { return t.UpdateAccount(account); }), absl::OkStatus());
  EXPECT_EQ(notices(), 0);
  EXPECT_TRUE(absl::IsNotFound(
      Read([](Transaction& t) { return t.PasswordNotices(AccountId("nobody")); }).status()));
}

TEST_P(AccountStoreHygiene, GoesThroughWhatIsOldPartByPart) {
  for (int number = 1; number <= 6; ++number) {  // pairs of the same instant
    Insert(Plain(number, v1::ACCOUNT_STATUS_DELETED, SampleTime((number + 1) / 2)));
  }
  AgeingFilter filter{.what = Ageing::kDeleted, .until = SampleTime(9), .limit = 2};
  std::vector<std::string> all;
  for (int parts = 0; parts < 4; ++parts) {
    const auto part = Read([&](Transaction& t) { return t.ListAged(filter); });
    for (const AgedAccount& aged : *part) {
      all.push_back(aged.id.value());
      filter.from = aged.since;
      filter.after_id = aged.id;
    }
    if (parts == 0) filter.limit = 1;  // the next part begins between two of the same instant
    if (parts == 1) filter.limit = 9;
  }
  EXPECT_THAT(all, testing::ElementsAre("account-1", "account-2", "account-3", "account-4",
                                        "account-5", "account-6"));
  EXPECT_THAT(Aged({.what = Ageing::kDeleted, .from = SampleTime(1), .until = SampleTime(2)}),
              testing::ElementsAre("account-3", "account-4"));
}

TEST_P(AccountStoreHygiene, WritesAStatusDownAndLeavesTheRestOfTheAccount) {
  AccountRecord account = SampleAccount(1);
  Insert(account);
  ASSERT_EQ(Write([&](Transaction& t) {
              return t.SettleStatus(account.id, v1::ACCOUNT_STATUS_INACTIVE, SampleTime(50));
            }),
            absl::OkStatus());
  account.status = v1::ACCOUNT_STATUS_INACTIVE;
  account.status_changed_at = SampleTime(50);
  EXPECT_EQ(Text(Account(1)), Text(account));
}

// --- Timelines ---

TEST_P(AccountStoreHygiene, ListsATimelineInOrderOfTimeWhateverTheOrderInTheLog) {
  const OrganisationId here = SampleOrganisation(1).id, there = SampleOrganisation(2).id;
  const int minutes[] = {10, 20, 15, 20, 5};  // of sequences 1 to 5
  ASSERT_EQ(Write([&](Transaction& t) {
              for (const OrganisationId& log : {here, there}) {
                for (std::int64_t sequence = 1; sequence <= 5; ++sequence) {
                  AuditRecord audit = SampleAudit(log, sequence);
                  audit.time = SampleTime(minutes[sequence - 1]);
                  if (log == there) audit.action = "ELSEWHERE";
                  EXPECT_EQ(Append(t, audit), absl::OkStatus());
                }
              }
              AuditRecord other = SampleAudit(here, 6);
              other.target_id = AccountId("somebody else");
              return Append(t, other);
            }),
            absl::OkStatus());
  const auto timeline = [&](TimelineFilter filter) {
    filter.organisation_id = here;
    filter.account_id = AccountId("target");
    if (filter.limit == 0) filter.limit = 99;
    return Sequences(*Read([&](Transaction& t) { return t.ListTimeline(filter); }));
  };
  const absl::Duration tick = absl::Microseconds(1);
  EXPECT_THAT(timeline({}), testing::ElementsAre(4, 2, 3, 1, 5));
  EXPECT_THAT(timeline({.limit = 2}), testing::ElementsAre(4, 2));
  EXPECT_THAT(timeline({.before = TimelinePlace{SampleTime(20), 4}}),
              testing::ElementsAre(2, 3, 1, 5));
  EXPECT_THAT(timeline({.before = TimelinePlace{SampleTime(15), 3}}), testing::ElementsAre(1, 5));
  EXPECT_THAT(timeline({.start = SampleTime(10), .end = SampleTime(20)}),
              testing::ElementsAre(3, 1));
  EXPECT_THAT(timeline({.start = SampleTime(10) + tick, .end = SampleTime(20) + tick}),
              testing::ElementsAre(4, 2, 3));
}

TEST_P(AccountStoreHygiene, KeepsOneRunOfRefusalsAnAccountActionAndCause) {
  const AccountId id("target"), nobody;
  RefusalRunRecord locked = SampleRefusalRun(id, "locked");
  RefusalRunRecord elsewhere = locked;
  elsewhere.action = "COMPLETE_PASSWORD_RESET";
  ASSERT_EQ(Write([&](Transaction& t) {
              EXPECT_EQ(t.PutRefusalRun(locked), absl::OkStatus());
              EXPECT_EQ(t.PutRefusalRun(elsewhere), absl::OkStatus());
              EXPECT_EQ(t.PutRefusalRun(SampleRefusalRun(id, "disabled")), absl::OkStatus());
              EXPECT_EQ(t.PutRefusalRun(SampleRefusalRun(nobody, "unknown")), absl::OkStatus());
              locked.further = 58;
              locked.last_at = SampleTime(3);
              locked.source = "";
              return t.PutRefusalRun(locked);
            }),
            absl::OkStatus());
  const auto runs = *Read([&](Transaction& t) { return t.ListRefusalRuns(id); });
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(Text(runs[0]), Text(elsewhere));
  EXPECT_EQ(Text(runs[1]), Text(SampleRefusalRun(id, "disabled")));
  EXPECT_EQ(Text(runs[2]), Text(locked));
  EXPECT_EQ(Read([&](Transaction& t) { return t.ListRefusalRuns(nobody); })->size(), 1u);
}

// --- Erasing ---

TEST_P(AccountStoreHygiene, LeavesOfAnErasedPersonTheIdAndNothingPersonal) {
  const AccountRecord account = SampleAccount(1);
  const std::string subject = absl::StrCat(kAccountSubject, account.id.value());
  InsertAccounts(2);
  ReplayRecord replay = SampleReplay(1), others_replay = SampleReplay(2);
  replay.account_id = account.id;
  ASSERT_EQ(Write([&](Transaction& t) {
              for (int number = 1; number <= 2; ++number) {
                const AccountId id = SampleAccount(number).id;
                const std::string of = absl::StrCat(kAccountSubject, id.value());
                EXPECT_EQ(t.AppendPasswordHistory(id, "phc", SampleTime()), absl::OkStatus());
                EXPECT_EQ(t.AppendSecretHistory(id, "hash", SampleTime()), absl::OkStatus());
                EXPECT_EQ(t.ReservePasswordAttempt(of, "id", SampleTime()), absl::OkStatus());
                EXPECT_EQ(t.SettlePasswordAttempt(of, "", 3, SampleTime()), absl::OkStatus());
                EXPECT_EQ(t.PutRefusalRun(SampleRefusalRun(id, "locked")), absl::OkStatus());
                EXPECT_EQ(t.AppendOutbox(SampleMessage(id.value(), id)), absl::OkStatus());
              }
              EXPECT_EQ(t.PutReplay(replay, SampleTime()), absl::OkStatus());
              EXPECT_EQ(t.PutReplay(others_replay, SampleTime()), absl::OkStatus());
              AuditRecord audit = SampleAudit(account.organisation_id, 1);
              audit.target_id = account.id;
              return Append(t, audit);
            }),
            absl::OkStatus());
  ASSERT_EQ(Write([&](Transaction& t) { return t.EraseAccount(account.id, SampleTime(99)); }),
            absl::OkStatus());

  EXPECT_EQ(Text(Account(1)), Text(Erased(account, SampleTime(99))));
  const auto find_replay = [&](const ReplayRecord& of) {
    return Read([&](Transaction& t) {
             return t.FindReplay(of.caller, of.method, of.request_id, of.presenter);
           })
        .status();
  };
  EXPECT_TRUE(absl::IsNotFound(find_replay(replay)));
  EXPECT_EQ(find_replay(others_replay), absl::OkStatus());
  EXPECT_EQ(store_->Read([&](Transaction& t) {
    for (const bool erased : {true, false}) {
      const AccountId id = SampleAccount(erased ? 1 : 2).id;
      const auto attempts = *t.FindPasswordAttempts(absl::StrCat(kAccountSubject, id.value()));
      EXPECT_EQ(t.PasswordHistory(id, 9)->empty(), erased);
      EXPECT_EQ(t.SecretHistory(id, 9)->empty(), erased);
      EXPECT_EQ(attempts.failures == 0, erased);
      EXPECT_EQ(attempts.pending.empty(), erased);
      EXPECT_EQ(t.ListRefusalRuns(id)->empty(), erased);
    }
    EXPECT_THAT(Ids(*t.DueOutbox(OutboxChannel::kDirectories, SampleTime(99), 9)),
                testing::ElementsAre("account-2"));
    EXPECT_EQ(t.ListAudit({.organisation_id = account.organisation_id, .limit = 9})->size(), 1u)
        << "the audit log stays";
    EXPECT_EQ(t.CountHolders(v1::ROLE_OPERATOR, 9).value_or(-1), 1);
    return absl::OkStatus();
  }),
            absl::OkStatus());
}

TEST_P(AccountStoreHygiene, FindsTheErasedByIdAloneAndNeverGivesTheirNamesOutAgain) {
  const AccountRecord account = SampleAccount(1);
  InsertAccounts(2);
  for (int times = 0; times < 2; ++times) {
    ASSERT_EQ(Write([&](Transaction& t) { return t.EraseAccount(account.id, SampleTime(99)); }),
              absl::OkStatus())
        << "twice is as good as once";
  }
  EXPECT_EQ(Account(1).status_changed_at, SampleTime(99));
  EXPECT_EQ(store_->Read([&](Transaction& t) {
    for (const std::string& name : {account.username, std::string(), "~" + account.id.value()}) {
      EXPECT_TRUE(absl::IsNotFound(t.FindAccountByUsername(name).status())) << name;
    }
    const OrganisationId here = account.organisation_id;
    for (const AccountFilter& filter :
         {AccountFilter{.organisation_id = here}, AccountFilter{.role = v1::ROLE_OPERATOR},
          AccountFilter{.name_prefix = "user"}, AccountFilter{.name_part = "user"}}) {
      AccountFilter page = filter;
      page.limit = 9;
      EXPECT_THAT(Usernames(*t.ListAccounts(page)), testing::ElementsAre("user2"));
    }
    return absl::OkStatus();
  }),
            absl::OkStatus());
  AccountRecord heir = SampleAccount(3);
  heir.username = account.username;
  EXPECT_TRUE(absl::IsAlreadyExists(Write([&](Transaction& t) { return t.InsertAccount(heir); })));
  EXPECT_EQ(store_->Read([&](Transaction& t) {
    EXPECT_TRUE(absl::IsAlreadyExists(t.CheckUsernameFree(account.username)));
    EXPECT_TRUE(absl::IsAlreadyExists(t.CheckUsernameFree("user2")));
    EXPECT_EQ(t.CheckUsernameFree("user3"), absl::OkStatus());
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_TRUE(absl::IsNotFound(
      Write([&](Transaction& t) { return t.EraseAccount(AccountId("nobody"), SampleTime()); })));
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_HYGIENE_H_
