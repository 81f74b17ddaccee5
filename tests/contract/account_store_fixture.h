// What the suites of the account stores stand on: an engine to open stores of, and short ways into
// transactions. One engine has one database; suites are instantiated with a function that makes an
// engine with an empty one.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_FIXTURE_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_FIXTURE_H_

#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "storage/account_store.h"
#include "tests/contract/account_samples.h"

namespace gatehouse::storage {

constexpr char kIncarnation[] = "incarnation-1";

class AccountStoreEngine {
 public:
  virtual ~AccountStoreEngine() = default;
  // Opens the engine's database; that of a memory store is new each time.
  virtual absl::StatusOr<std::unique_ptr<AccountStore>> Open() = 0;
};

using AccountStoreEngineFactory = std::function<std::unique_ptr<AccountStoreEngine>()>;

class AccountStoreTest : public testing::TestWithParam<AccountStoreEngineFactory> {
 protected:
  void SetUp() override {
    OpenStore();
    ASSERT_EQ(Write([](Transaction& transaction) {
                return transaction.InsertOrganisation(SampleOrganisation(1));
              }),
              absl::OkStatus());
  }

  void OpenStore() {
    absl::StatusOr<std::unique_ptr<AccountStore>> store = engine_->Open();
    ASSERT_EQ(store.status(), absl::OkStatus());
    store_ = *std::move(store);
  }

  absl::Status Write(TransactionBody body) { return store_->Transact(body); }
  absl::Status Revoke(TransactionBody body) { return store_->TransactRevoking(body); }

  // What `query` answers in a transaction of its own.
  template <typename Query>
  auto Read(Query query) {
    decltype(query(std::declval<Transaction&>())) answer;
    EXPECT_EQ(store_->Read([&](Transaction& transaction) {
      answer = query(transaction);
      return absl::OkStatus();
    }),
              absl::OkStatus());
    return answer;
  }

  void InsertAccounts(int count) {
    ASSERT_EQ(Write([count](Transaction& transaction) {
                absl::Status status;
                for (int i = 1; i <= count && status.ok(); ++i) {
                  status = transaction.InsertAccount(SampleAccount(i));
                }
                return status;
              }),
              absl::OkStatus());
  }

  AccountRecord Account(int number) {
    const auto account =
        Read([&](Transaction& t) { return t.FindAccount(SampleAccount(number).id); });
    EXPECT_EQ(account.status(), absl::OkStatus());
    return account.value_or(AccountRecord());
  }

  // Runs `work(0)` to `work(count - 1)` side by side.
  static void InParallel(int count, const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
  }

  const std::unique_ptr<AccountStoreEngine> engine_ = GetParam()();
  std::unique_ptr<AccountStore> store_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_FIXTURE_H_
