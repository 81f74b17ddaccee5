#include "absl/strings/str_cat.h"

#include "storage/sql/sql_account_store.h"
#include "tests/contract/account_store_contract.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::storage {
namespace {

class SqliteEngine final : public AccountStoreEngine {
 public:
  absl::StatusOr<std::unique_ptr<AccountStore>> Open() override {
    return OpenSqlAccountStore({.url = absl::StrCat("sqlite:", (directory_ / "a b.db").string()),
                                .incarnation = kIncarnation});
  }

 private:
  harness::TemporaryDirectory directory_;
};

std::unique_ptr<AccountStoreEngine> MakeSqliteEngine() { return std::make_unique<SqliteEngine>(); }

INSTANTIATE_TEST_SUITE_P(Sqlite, AccountStoreContract, testing::Values(&MakeSqliteEngine));
INSTANTIATE_TEST_SUITE_P(Sqlite, AccountStoreConcurrency, testing::Values(&MakeSqliteEngine));

}  // namespace
}  // namespace gatehouse::storage
