// Part of account_store_contract.h: transactions beside each other.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_CONCURRENCY_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_CONCURRENCY_H_

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"

#include "tests/contract/account_store_fixture.h"

namespace gatehouse::storage {

class AccountStoreConcurrency : public AccountStoreTest {};

TEST_P(AccountStoreConcurrency, LosesNoUpdate) {
  InsertAccounts(1);
  constexpr int kThreads = 8;
  constexpr int kUpdates = 25;
  InParallel(kThreads, [&](int) {
    for (int i = 0; i < kUpdates; ++i) {
      EXPECT_EQ(Write([](Transaction& t) {
                  auto account = t.FindAccount(SampleAccount(1).id);
                  if (!account.ok()) return account.status();
                  ++account->epoch;
                  return t.UpdateAccount(*account);
                }),
                absl::OkStatus());
    }
  });
  EXPECT_EQ(Account(1).epoch, SampleAccount(1).epoch + kThreads * kUpdates);
}

TEST_P(AccountStoreConcurrency, NeverWithdrawsTheLastOperatorTwiceAtOnce) {
  InsertAccounts(2);
  for (int round = 0; round < 20; ++round) {
    InParallel(2, [&](int i) {
      const absl::Status status = Write([&](Transaction& t) {
        auto account = t.FindAccount(SampleAccount(i + 1).id);
        const auto holders = t.CountHolders(v1::ROLE_OPERATOR, 2);
        if (!account.ok() || !holders.ok()) return absl::InternalError("unreadable");
        if (*holders < 2) return absl::FailedPreconditionError("the last operator");
        account->roles.clear();
        return t.UpdateAccount(*account);
      });
      EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status)) << status;
    });
    ASSERT_EQ(Read([](Transaction& t) { return t.CountHolders(v1::ROLE_OPERATOR, 9); }).value_or(0),
              1);
    EXPECT_EQ(Write([](Transaction& t) {
                absl::Status status;
                for (int number : {1, 2}) {
                  auto account = t.FindAccount(SampleAccount(number).id);
                  if (!account.ok()) return account.status();
                  account->roles = SampleAccount(number).roles;
                  if (status.ok()) status = t.UpdateAccount(*account);
                }
                return status;
              }),
              absl::OkStatus());
  }
}

TEST_P(AccountStoreConcurrency, ReadsOneSnapshotHoweverMuchIsWrittenMeanwhile) {
  InsertAccounts(2);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(Write([](Transaction& t) {
                  for (int number : {1, 2}) {
                    auto account = t.FindAccount(SampleAccount(number).id);
                    if (!account.ok()) return account.status();
                    ++account->epoch;
                    if (absl::Status status = t.UpdateAccount(*account); !status.ok())
                      return status;
                  }
                  return absl::OkStatus();
                }),
                absl::OkStatus());
    }
    done = true;
  });
  while (!done) {
    EXPECT_EQ(store_->Read([](Transaction& t) {
      const auto first = t.FindAccount(SampleAccount(1).id);
      const auto second = t.FindAccount(SampleAccount(2).id);
      EXPECT_TRUE(first.ok() && second.ok() && first->epoch == second->epoch);
      return absl::OkStatus();
    }),
              absl::OkStatus());
  }
  writer.join();
}

TEST_P(AccountStoreConcurrency, ShowsRevocationsInTheOrderOfTheirPositions) {
  constexpr int kThreads = 4;
  constexpr int kRevocations = 50;
  std::atomic<int> writing = kThreads;
  std::thread reader([&] {
    std::int64_t seen = 0;
    while (seen < kThreads * kRevocations) {
      const bool last_round = writing == 0;
      const auto page = Read([&](Transaction& t) { return t.ReadRevocations(seen, 1000); });
      ASSERT_EQ(page.status(), absl::OkStatus());
      for (const RevocationRecord& revocation : *page) {
        ASSERT_EQ(revocation.position, ++seen) << "a lower position came after a higher one";
      }
      if (last_round) break;
    }
    EXPECT_EQ(seen, kThreads * kRevocations);
  });
  InParallel(kThreads, [&](int thread) {
    for (int i = 0; i < kRevocations; ++i) {
      EXPECT_EQ(Revoke([&](Transaction& t) {
                  return t.AppendRevocation(SampleRevocation(thread)).status();
                }),
                absl::OkStatus());
    }
    --writing;
  });
  reader.join();
}

TEST_P(AccountStoreConcurrency, LeavesNoGapInTheAuditAndChainsEveryEvent) {
  constexpr int kThreads = 4;
  constexpr int kEvents = 25;
  InParallel(kThreads, [&](int) {
    for (int i = 0; i < 2 * kEvents; ++i) {
      const bool refused = i % 2 == 1;
      const absl::Status status = Write([&](Transaction& t) {
        const auto head = t.LockAuditHead({});
        if (!head.ok()) return head.status();
        AuditRecord event = SampleAudit({}, head->sequence + 1);
        event.details = {{"after", head->chain_sha256}};
        event.chain_sha256 = absl::StrCat("event ", event.sequence);
        const absl::Status appended = t.AppendAudit(event);
        return appended.ok() && refused ? absl::CancelledError("refused") : appended;
      });
      EXPECT_EQ(status.code(), refused ? absl::StatusCode::kCancelled : absl::StatusCode::kOk);
    }
  });
  const auto events = Read([](Transaction& t) { return t.ListAudit({.limit = 1000}); });
  ASSERT_EQ(events->size(), static_cast<std::size_t>(kThreads * kEvents));
  std::int64_t expected = kThreads * kEvents;
  for (const AuditRecord& event : *events) {
    EXPECT_EQ(event.sequence, expected);
    EXPECT_EQ(event.details.at("after"), --expected == 0 ? "" : absl::StrCat("event ", expected));
  }
}

TEST_P(AccountStoreConcurrency, ReservesNoMoreAttemptsThanTheLimit) {
  constexpr int kLimit = 13;
  std::atomic<int> evaluated = 0;
  InParallel(8, [&](int thread) {
    for (int i = 0; i < 12; ++i) {
      const std::string id = absl::StrCat(thread, "-", i);
      const absl::Status reserved = Write([&](Transaction& t) {
        const auto attempts = t.FindPasswordAttempts("subject");
        if (!attempts.ok()) return attempts.status();
        if (attempts->failures + static_cast<std::int64_t>(attempts->pending.size()) >= kLimit) {
          return absl::ResourceExhaustedError("locked");
        }
        return t.ReservePasswordAttempt("subject", id, SampleTime());
      });
      if (absl::IsResourceExhausted(reserved)) continue;
      EXPECT_EQ(reserved, absl::OkStatus());
      ++evaluated;
      EXPECT_EQ(Write([&](Transaction& t) {
                  const auto attempts = t.FindPasswordAttempts("subject");
                  if (!attempts.ok()) return attempts.status();
                  return t.SettlePasswordAttempt("subject", id, attempts->failures + 1,
                                                 SampleTime());
                }),
                absl::OkStatus());
    }
  });
  EXPECT_EQ(evaluated, kLimit);
  EXPECT_EQ(Read([](Transaction& t) { return t.FindPasswordAttempts("subject"); })->failures,
            kLimit);
}

TEST_P(AccountStoreConcurrency, GivesOneOfManyTheSameNameOrRequest) {
  std::atomic<int> accounts = 0;
  std::atomic<int> replays = 0;
  InParallel(8, [&](int i) {
    AccountRecord account = SampleAccount(i);
    account.username = "wanted";
    const absl::Status inserted = Write([&](Transaction& t) { return t.InsertAccount(account); });
    EXPECT_TRUE(inserted.ok() || absl::IsAlreadyExists(inserted)) << inserted;
    accounts += inserted.ok();
    const absl::Status answered =
        Write([](Transaction& t) { return t.PutReplay(SampleReplay(1), SampleTime()); });
    EXPECT_TRUE(answered.ok() || absl::IsAlreadyExists(answered)) << answered;
    replays += answered.ok();
  });
  EXPECT_EQ(accounts, 1);
  EXPECT_EQ(replays, 1);
}

TEST_P(AccountStoreConcurrency, LetsManyTidyAtOnceWhileTheLogGrows) {
  constexpr int kEach = 20;
  std::atomic<std::int64_t> deleted = 0;
  InParallel(6, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      std::int64_t rows = 0;
      EXPECT_EQ(Revoke([&](Transaction& t) -> absl::Status {
                  if (thread % 2 == 0) return t.AppendRevocation(SampleRevocation(i)).status();
                  const auto tidied = t.Tidy(Perishable::kRevocations, absl::InfiniteFuture(), 3);
                  rows = tidied.value_or(0);
                  return tidied.status();
                }),
                absl::OkStatus());
      deleted += rows;
    }
  });
  const auto head = Read([](Transaction& t) { return t.ReadRevocationHead(); });
  const auto left = Read([](Transaction& t) { return t.ReadRevocations(0, 3 * kEach); });
  EXPECT_EQ(head->position, 3 * kEach);
  EXPECT_EQ(head->forgotten_before, deleted);
  EXPECT_EQ(deleted + static_cast<std::int64_t>(left->size()), 3 * kEach);
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_CONCURRENCY_H_
