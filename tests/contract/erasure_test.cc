// What the SQL schema keeps of an erased person, table by table: a table that is added later and
// forgotten by EraseAccount is found out here.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "storage/sql/connection.h"
#include "storage/sql/dialect.h"
#include "storage/sql/sql_account_store.h"
#include "tests/contract/account_samples.h"
#include "tests/contract/account_store_fixture.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::storage {
namespace {

constexpr char kCanary[] = "canary-of-a-person";  // a multiple of three, so that base64 shows it
constexpr char kAccount[] = "the-account-of-a-person";

// Rows that may outlive a person: they hold ids, digests and the log.
const std::set<std::string>& TablesThatStay() {
  static const auto* const tables = new std::set<std::string>{
      "accounts", "audit", "audit_heads", "imported_items", "retired_usernames", "revocations"};
  return *tables;
}

class ErasureTest : public testing::Test {
 protected:
  struct Column {
    std::string name;
    bool is_text = false;
  };

  std::string Url() const { return absl::StrCat("sqlite:", (directory_ / "accounts.db").string()); }

  // By the store; nobody else has the file then.
  void Store(TransactionBody body) {
    const auto store = OpenSqlAccountStore({.url = Url(), .incarnation = kIncarnation});
    ASSERT_EQ(store.status(), absl::OkStatus());
    ASSERT_EQ((*store)->Transact(body), absl::OkStatus());
  }

  // Behind its back, without references being checked.
  void Raw(absl::FunctionRef<void(Connection&)> work) {
    const auto dialect = OpenDialect(Url(), absl::Seconds(5));
    ASSERT_EQ(dialect.status(), absl::OkStatus());
    const auto connection = Connection::Open(**dialect, Access::kReadWrite);
    ASSERT_EQ(connection.status(), absl::OkStatus());
    ASSERT_EQ((*connection)->Run("PRAGMA foreign_keys=OFF"), absl::OkStatus());
    work(**connection);
  }

  static std::vector<std::vector<std::string>> Rows(Connection& connection, const std::string& text,
                                                    int columns) {
    std::vector<std::vector<std::string>> rows;
    const auto status = connection.Run({text, columns}, {}, [&](Row& row) {
      std::vector<std::string> values;
      for (int i = 0; i < columns; ++i) values.push_back(row.Text());
      rows.push_back(std::move(values));
    });
    EXPECT_EQ(status.status(), absl::OkStatus()) << text;
    return rows;
  }

  static std::map<std::string, std::vector<Column>> Tables(Connection& connection) {
    std::map<std::string, std::vector<Column>> tables;
    for (const auto& row : Rows(connection,
                                "SELECT m.name, c.name, c.type FROM sqlite_master AS m JOIN "
                                "pragma_table_info(m.name) AS c WHERE m.type = 'table' "
                                "ORDER BY m.name, c.cid",
                                3)) {
      tables[row[0]].push_back({row[1], row[2] == "TEXT"});
    }
    return tables;
  }

  static bool HasAccountId(const std::vector<Column>& columns) {
    return std::any_of(columns.begin(), columns.end(),
                       [](const Column& column) { return column.name == "account_id"; });
  }

  // A row of the person's in a table that knows accounts by their ids.
  static void InsertRow(Connection& connection, const std::string& table,
                        const std::vector<Column>& columns) {
    std::vector<std::string> names, values;
    for (const Column& column : columns) {
      names.push_back(column.name);
      const char* const text = column.name == "account_id" ? kAccount : kCanary;
      values.push_back(column.is_text ? absl::StrCat("'", text, "'") : "1");
    }
    EXPECT_EQ(connection.Run(absl::StrCat("INSERT INTO ", table, " (", absl::StrJoin(names, ", "),
                                          ") VALUES (", absl::StrJoin(values, ", "), ")")),
              absl::OkStatus())
        << table;
  }

  // Tables of which a row holds `text`, plain or as bytes are kept.
  static std::set<std::string> TablesWith(Connection& connection, const std::string& text) {
    std::set<std::string> found;
    for (const auto& [table, columns] : Tables(connection)) {
      for (const auto& row : Rows(connection, absl::StrCat("SELECT * FROM ", table),
                                  static_cast<int>(columns.size()))) {
        const std::string whole = absl::StrJoin(row, "|");
        if (absl::StrContains(whole, text) ||
            absl::StrContains(whole, absl::WebSafeBase64Escape(text))) {
          found.insert(table);
        }
      }
    }
    return found;
  }

  harness::TemporaryDirectory directory_;
};

TEST_F(ErasureTest, NoTableKeepsAnythingOfAnErasedPerson) {
  const std::string subject = absl::StrCat(kAccountSubject, kAccount);
  Store([&](Transaction& t) -> absl::Status {
    AccountRecord account = SampleAccount(1);
    account.id = AccountId(kAccount);
    account.username = "name-of-a-person";  // is remembered, so that nobody else gets it
    account.profile = {kCanary, kCanary, kCanary, kCanary, kCanary};
    account.password.phc = account.secret.ciphertext = account.secret.key_id = kCanary;
    EXPECT_EQ(t.InsertOrganisation(SampleOrganisation(1)), absl::OkStatus());
    EXPECT_EQ(t.InsertAccount(account), absl::OkStatus());
    EXPECT_EQ(t.ReservePasswordAttempt(subject, kCanary, SampleTime()), absl::OkStatus());
    EXPECT_EQ(t.CountCode(kAccount, ProofPurpose::kPasswordReset, CodeEvent::kWrong, SampleTime()),
              absl::OkStatus());
    return t.SettlePasswordAttempt(subject, "", 3, SampleTime());
  });
  std::set<std::string> filled;
  Raw([&](Connection& connection) {
    for (const auto& [table, columns] : Tables(connection)) {
      const bool has_rows = TablesThatStay().contains(table) || table == "role_holders";
      if (!HasAccountId(columns) || has_rows) continue;
      InsertRow(connection, table, columns);
      filled.insert(table);
    }
    EXPECT_THAT(filled,
                testing::IsSupersetOf({"credential_history", "outbox", "replays", "refusal_runs"}));
    EXPECT_THAT(TablesWith(connection, kCanary), testing::IsSupersetOf(filled));
  });
  Store([&](Transaction& t) { return t.EraseAccount(AccountId(kAccount), SampleTime(1)); });
  Raw([&](Connection& connection) {
    EXPECT_THAT(TablesWith(connection, kCanary), testing::IsEmpty());
    EXPECT_THAT(TablesWith(connection, kAccount), testing::ElementsAre("accounts"));
    EXPECT_THAT(TablesWith(connection, "name-of-a-person"),
                testing::ElementsAre("retired_usernames"));
  });
}

}  // namespace
}  // namespace gatehouse::storage
