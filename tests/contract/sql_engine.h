// An engine of the SQL account store, on a database of its own.
#ifndef GATEHOUSE_TESTS_CONTRACT_SQL_ENGINE_H_
#define GATEHOUSE_TESTS_CONTRACT_SQL_ENGINE_H_

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"

#include "storage/sql/connection.h"
#include "storage/sql/dialect.h"
#include "storage/sql/sql_account_store.h"
#include "tests/contract/account_store_fixture.h"

namespace gatehouse::storage {

class SqlEngine : public AccountStoreEngine {
 public:
  absl::StatusOr<std::unique_ptr<AccountStore>> Open() override {
    return OpenSqlAccountStore({.url = Url(), .incarnation = kIncarnation});
  }

  // Runs one statement behind the store's back; on SQLite while no store is open.
  void Execute(absl::string_view statement) {
    const auto dialect = OpenDialect(Url(), absl::Seconds(5));
    ASSERT_EQ(dialect.status(), absl::OkStatus());
    const auto connection = Connection::Open(**dialect, Access::kReadWrite);
    ASSERT_EQ(connection.status(), absl::OkStatus());
    ASSERT_EQ((*connection)->Run(statement), absl::OkStatus());
  }

  virtual std::string Url() const = 0;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_SQL_ENGINE_H_
