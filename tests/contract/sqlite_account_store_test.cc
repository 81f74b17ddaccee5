#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

#include "storage/sql/connection_pool.h"
#include "tests/contract/account_store_contract.h"
#include "tests/contract/account_store_durability.h"
#include "tests/contract/sql_engine.h"
#include "tests/harness/temporary_directory.h"
#include "tests/harness/wait.h"

namespace gatehouse::storage {
namespace {

class SqliteEngine final : public SqlEngine {
 public:
  std::string Url() const override {
    return absl::StrCat("sqlite:", (directory_ / "two words.db").string());
  }

 private:
  harness::TemporaryDirectory directory_;
};

std::unique_ptr<AccountStoreEngine> MakeSqliteEngine() { return std::make_unique<SqliteEngine>(); }

INSTANTIATE_TEST_SUITE_P(Sqlite, AccountStoreContract, testing::Values(&MakeSqliteEngine));
INSTANTIATE_TEST_SUITE_P(Sqlite, AccountStoreHygiene, testing::Values(&MakeSqliteEngine));
INSTANTIATE_TEST_SUITE_P(Sqlite, ImportContract, testing::Values(&MakeSqliteEngine));
INSTANTIATE_TEST_SUITE_P(Sqlite, AccountStoreConcurrency, testing::Values(&MakeSqliteEngine));
INSTANTIATE_TEST_SUITE_P(Sqlite, AccountStoreDurability, testing::Values(&MakeSqliteEngine));

class SqliteFile : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<AccountStore>> Open(const std::string& name) {
    return OpenSqlAccountStore({.url = absl::StrCat("sqlite:", (directory_ / name).string()),
                                .incarnation = kIncarnation,
                                .patience = absl::Milliseconds(50)});
  }

  harness::TemporaryDirectory directory_;
};

TEST_F(SqliteFile, IsServedOnceAtATimeUnderAllItsNames) {
  auto served = Open("accounts.db");
  ASSERT_EQ(served.status(), absl::OkStatus());
  std::filesystem::create_symlink(directory_ / "accounts.db", directory_ / "alias.db");
  for (const char* name : {"accounts.db", "./accounts.db", "alias.db"}) {
    const absl::Status refused = Open(name).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << name << ": " << refused;
    EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("already served"));
  }
  EXPECT_EQ((*served)->CheckHealth(), absl::OkStatus()) << "the first one goes on";
  served->reset();
  EXPECT_EQ(Open("alias.db").status(), absl::OkStatus());
}

TEST_F(SqliteFile, IsForItsUserAlone) {
  const auto store = Open("accounts.db");
  ASSERT_EQ(store.status(), absl::OkStatus());
  for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
    struct stat status {};
    ASSERT_EQ(stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077, 0u) << file.path();
  }
}

TEST_F(SqliteFile, IsRefusedWhenItIsNoDatabaseOrCannotBe) {
  std::ofstream(directory_ / "letter.txt") << std::string(5000, 'x');
  const absl::Status no_database = Open("letter.txt").status();
  EXPECT_FALSE(no_database.ok());
  EXPECT_THAT(std::string(no_database.message()), testing::HasSubstr("not a database"));
  EXPECT_TRUE(absl::IsFailedPrecondition(Open("no/such/directory.db").status()));
  for (const char* url : {"", "sqlite:", "mysql://localhost/x", "postgresql://u:secret@host/db",
                          "postgresql://host/db?password=secret", "postgresql://[host/db"}) {
    const absl::Status refused = OpenSqlAccountStore({.url = url}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << url << ": " << refused;
    EXPECT_THAT(std::string(refused.message()), testing::Not(testing::HasSubstr("secret")));
  }
}

TEST_F(SqliteFile, LetsAWriterWaitForAnotherOnlySoLong) {
  const auto store = Open("accounts.db");
  ASSERT_EQ(store.status(), absl::OkStatus());
  EXPECT_EQ((*store)->Transact([&](Transaction&) {
    std::thread late([&] {
      const absl::Status status = (*store)->Transact([](Transaction&) { return absl::OkStatus(); });
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    });
    late.join();
    EXPECT_EQ((*store)->Read([](Transaction& t) { return t.ReadRevocationHead().status(); }),
              absl::OkStatus())
        << "readers go on";
    return absl::OkStatus();
  }),
            absl::OkStatus());
}

TEST_F(SqliteFile, LendsItsConnectionInTheOrderOfAsking) {
  const auto dialect = OpenDialect(absl::StrCat("sqlite:", (directory_ / "accounts.db").string()),
                                   absl::Seconds(60));
  ASSERT_EQ(dialect.status(), absl::OkStatus());
  ConnectionPool pool(**dialect, Access::kReadWrite, 1, absl::Seconds(60));
  std::vector<int> order;  // written under the one lease
  std::vector<std::thread> threads;
  {
    const auto first = pool.Acquire();
    ASSERT_EQ(first.status(), absl::OkStatus());
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto lease = pool.Acquire();
        ASSERT_EQ(lease.status(), absl::OkStatus());
        order.push_back(i);
      });
      ASSERT_TRUE(harness::WaitUntil([&] { return pool.waiting() == i + 1; }));
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

}  // namespace
}  // namespace gatehouse::storage
