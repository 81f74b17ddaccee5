#include "tests/contract/account_store_contract.h"
#include "tests/contract/account_store_durability.h"
#include "tests/contract/sql_engine.h"
#include "tests/harness/postgres_process.h"

namespace gatehouse::storage {
namespace {

// One cluster for all tests; it ends with the program.
harness::PostgresProcess& Cluster() {
  static harness::PostgresProcess cluster;
  return cluster;
}

class PostgresEngine final : public SqlEngine {
 public:
  std::string Url() const override { return url_; }

 private:
  const std::string url_ = Cluster().CreateDatabase();
};

std::unique_ptr<AccountStoreEngine> MakePostgresEngine() {
  return std::make_unique<PostgresEngine>();
}

INSTANTIATE_TEST_SUITE_P(Postgres, AccountStoreContract, testing::Values(&MakePostgresEngine));
INSTANTIATE_TEST_SUITE_P(Postgres, AccountStoreHygiene, testing::Values(&MakePostgresEngine));
INSTANTIATE_TEST_SUITE_P(Postgres, ImportContract, testing::Values(&MakePostgresEngine));
INSTANTIATE_TEST_SUITE_P(Postgres, AccountStoreConcurrency, testing::Values(&MakePostgresEngine));
INSTANTIATE_TEST_SUITE_P(Postgres, AccountStoreDurability, testing::Values(&MakePostgresEngine));

TEST(PostgresAccountStore, SaysUnavailableWhileTheServerIsAwayAndRecoversByItself) {
  harness::PostgresProcess cluster;
  const auto store =
      OpenSqlAccountStore({.url = cluster.CreateDatabase(), .incarnation = kIncarnation});
  ASSERT_EQ(store.status(), absl::OkStatus());
  const auto write = [&](int number) {
    return (*store)->Transact(
        [number](Transaction& t) { return t.InsertOrganisation(SampleOrganisation(number)); });
  };
  const auto read = [&] {
    return (*store)->Read([](Transaction& t) { return t.ReadRevocationHead().status(); });
  };
  ASSERT_EQ(write(1), absl::OkStatus());
  ASSERT_EQ(read(), absl::OkStatus());
  cluster.Terminate();
  EXPECT_TRUE(absl::IsUnavailable(write(2)));
  EXPECT_TRUE(absl::IsUnavailable(read()));
  EXPECT_TRUE(absl::IsUnavailable((*store)->CheckHealth()));
  cluster.Start();
  EXPECT_EQ(write(2), absl::OkStatus());
  EXPECT_EQ(read(), absl::OkStatus());
  EXPECT_EQ((*store)->CheckHealth(), absl::OkStatus());
}

TEST(PostgresAccountStore, ReplacesAConnectionThatDiedWhileItWasIdle) {
  harness::PostgresProcess cluster;
  const auto store =
      OpenSqlAccountStore({.url = cluster.CreateDatabase(), .incarnation = kIncarnation});
  ASSERT_EQ(store.status(), absl::OkStatus());
  cluster.Terminate();
  cluster.Start();
  EXPECT_EQ((*store)->Transact(
                [](Transaction& t) { return t.InsertOrganisation(SampleOrganisation(1)); }),
            absl::OkStatus());
}

TEST(PostgresAccountStore, SaysUnavailableWhenTheServerDiesWithinATransaction) {
  harness::PostgresProcess cluster;
  const auto store =
      OpenSqlAccountStore({.url = cluster.CreateDatabase(), .incarnation = kIncarnation});
  ASSERT_EQ(store.status(), absl::OkStatus());
  int runs = 0;
  const absl::Status status = (*store)->Transact([&](Transaction& t) {
    ++runs;
    EXPECT_EQ(t.InsertOrganisation(SampleOrganisation(1)), absl::OkStatus());
    cluster.Terminate();
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(runs, 1) << "a commit of unknown outcome must not be repeated";
}

}  // namespace
}  // namespace gatehouse::storage
