// A row of the table `accounts`, as a record and back. Pure functions.
#ifndef GATEHOUSE_STORAGE_SQL_ACCOUNT_ROW_H_
#define GATEHOUSE_STORAGE_SQL_ACCOUNT_ROW_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "storage/records.h"
#include "storage/sql/values.h"

namespace gatehouse::storage {

// What ReadAccount reads, in its order.
extern const char kAccountColumns[];
inline constexpr int kAccountColumnCount = 35;

AccountRecord ReadAccount(Row& row);

std::string WriteRoles(const std::vector<RoleGrantRecord>& roles);
std::vector<RoleGrantRecord> ReadRoles(absl::string_view text);

// What the row of account_names holds: all that somebody is searched by.
std::string NamesOf(const AccountRecord& account);

// Whom the row of an erased account is kept under, since the column must hold something: no
// username begins so, and it comes after all of them.
inline constexpr absl::string_view kErasedName = "~";

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_ACCOUNT_ROW_H_
