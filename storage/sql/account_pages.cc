// Pages of accounts, found by role and by name.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "storage/sql/account_row.h"
#include "storage/sql/sql_transaction.h"
#include "storage/text.h"

namespace gatehouse::storage {
namespace {

// A pattern of LIKE, with `!` as its escape, for text that holds `part`.
std::string Holding(absl::string_view part) {
  return absl::StrCat("%", absl::StrReplaceAll(part, {{"!", "!!"}, {"%", "!%"}, {"_", "!_"}}), "%");
}

// A query for a page of accounts, built from the parts of a filter that are set. It walks an index
// in the order of the page, but for names: a prefix of one costs what matches it, and a part of one
// a walk through the names of the organisation.
class PageQuery {
 public:
  explicit PageQuery(const AccountFilter& filter) : filter_(filter) {
    absl::StrAppend(&text_, "SELECT ", kAccountColumns, " FROM accounts WHERE ");
    if (!filter.name_part.empty()) {
      AddNamePart();
    } else if (!filter.name_prefix.empty()) {
      AddNamePrefix(NameKey(filter.name_prefix));
    } else if (filter.role != v1::ROLE_UNSPECIFIED) {
      absl::StrAppend(&text_, "username IN (SELECT username FROM role_holders WHERE ");
      AddPlace("");
      Add(" AND role = :role", filter.role);
      Add(" ORDER BY username LIMIT :most_holders)", filter.limit);
    } else {
      AddPlace("");
    }
    Add(" ORDER BY username LIMIT :most", filter.limit);
  }

  const std::string& text() const { return text_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }

 private:
  void Add(absl::string_view text, Parameter parameter) {
    absl::StrAppend(&text_, text);
    parameters_.push_back(std::move(parameter));
  }

  // Where the page begins, and in which organisation. `tag` keeps placeholders apart.
  void AddPlace(absl::string_view tag) {
    Add(absl::StrCat("username > :after", tag), filter_.after_username);
    Add(absl::StrCat(" AND username < :erased", tag), kErasedName);
    if (filter_.organisation_id.empty()) return;
    Add(absl::StrCat(" AND organisation_id = :organisation", tag), filter_.organisation_id);
  }

  void AddHolder(absl::string_view before, absl::string_view of) {
    if (filter_.role == v1::ROLE_UNSPECIFIED) return;
    Add(absl::StrCat(before, "EXISTS (SELECT 1 FROM role_holders WHERE role_holders.username = ",
                     of, ".username AND role = :role)"),
        filter_.role);
  }

  void AddNamePart() {
    absl::StrAppend(&text_, "username IN (SELECT username FROM account_names WHERE ");
    AddPlace("_named");
    Add(" AND names LIKE :part ESCAPE '!'", Holding(NameKey(filter_.name_part)));
    if (!filter_.name_prefix
             .empty()) {  // each name begins after a line break, the address does not
      Add(" AND names LIKE :prefix ESCAPE '!'",
          Holding(absl::StrCat("\n", NameKey(filter_.name_prefix))));
    }
    AddHolder(" AND ", "account_names");
    Add(" ORDER BY username LIMIT :most_named)", filter_.limit);
  }

  void AddNamePrefix(const std::string& prefix) {
    absl::string_view before = "username IN (SELECT username FROM (";
    for (const absl::string_view column : {"username", "given_key", "family_key", "display_key"}) {
      absl::StrAppend(&text_, before, "SELECT username FROM accounts WHERE ");
      AddPlace(absl::StrCat("_", column));
      Add(absl::StrCat(" AND ", column, " >= :from_", column), prefix);
      Add(absl::StrCat(" AND ", column, " < :to_", column), EndOfPrefix(prefix));
      before = " UNION ";
    }
    absl::StrAppend(&text_, ") AS matching");
    AddHolder(" WHERE ", "matching");
    Add(" ORDER BY username LIMIT :most_matching)", filter_.limit);
  }

  const AccountFilter& filter_;
  std::string text_;
  std::vector<Parameter> parameters_;
};

}  // namespace

absl::StatusOr<std::vector<AccountRecord>> SqlTransaction::ListAccounts(
    const AccountFilter& filter) {
  const PageQuery query(filter);
  return QueryAll({query.text(), kAccountColumnCount}, query.parameters(), ReadAccount);
}

}  // namespace gatehouse::storage
