#include "tests/e2e/database.h"

#include <sqlite3.h>

#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace gatehouse::e2e {

void Execute(const std::string& url, const std::string& statement) {
  const std::string path(absl::StripPrefix(url, "sqlite:"));
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

}  // namespace gatehouse::e2e
