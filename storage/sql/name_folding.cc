#include "storage/sql/name_folding.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "storage/records.h"
#include "storage/sql/account_row.h"
#include "storage/text.h"

namespace gatehouse::storage {
namespace {

constexpr std::size_t kAtOnce = 500;

struct NamedAccount {
  AccountRecord account;  // what it is found by
  std::string names;      // as they are kept
};

NamedAccount ReadNamedAccount(Row& row) {
  NamedAccount named;
  named.account.id = AccountId(row.Text());
  named.account.organisation_id = OrganisationId(row.Text());
  named.account.username = row.Text();
  named.account.profile.given_name = row.Text();
  named.account.profile.family_name = row.Text();
  named.account.profile.display_name = row.Text();
  named.account.profile.contact_email = row.Text();
  named.names = row.Text();
  return named;
}

void Ignore(Row&) {}

absl::StatusOr<std::vector<NamedAccount>> ListAfter(Connection& connection,
                                                    const std::string& after_id) {
  std::vector<NamedAccount> part;
  const absl::StatusOr<std::int64_t> listed = connection.Run(
      {"SELECT accounts.id, accounts.organisation_id, accounts.username, given_name, family_name, "
       "display_name, contact_email, names FROM accounts JOIN account_names "
       "ON account_names.organisation_id = accounts.organisation_id "
       "AND account_names.username = accounts.username "
       "WHERE accounts.id > :after_id ORDER BY accounts.id LIMIT :most",
       8},
      {after_id, kAtOnce}, [&part](Row& row) { part.push_back(ReadNamedAccount(row)); });
  if (!listed.ok()) return listed.status();
  return part;
}

absl::Status Fold(Connection& connection, const AccountRecord& account) {
  const ProfileRecord& profile = account.profile;
  const absl::StatusOr<std::int64_t> keyed =
      connection.Run({"UPDATE accounts SET given_key = :given_key, family_key = :family_key, "
                      "display_key = :display_key WHERE id = :id"},
                     {NameKey(profile.given_name), NameKey(profile.family_name),
                      NameKey(profile.display_name), account.id},
                     Ignore);
  if (!keyed.ok()) return keyed.status();
  return connection
      .Run({"UPDATE account_names SET names = :names "
            "WHERE organisation_id = :organisation_id AND username = :username"},
           {NamesOf(account), account.organisation_id, account.username}, Ignore)
      .status();
}

absl::Status NotePlace(Connection& connection, const AccountId& id) {
  return connection.Run({"UPDATE name_folding SET after_id = :after_id"}, {id}, Ignore).status();
}

// Folds those that come next and notes how far that came; false once there are no more.
absl::StatusOr<bool> FoldNext(Connection& connection) {
  if (const absl::string_view lock = connection.dialect().lock_schema(); !lock.empty()) {
    if (absl::Status status = connection.Run(lock); !status.ok()) return status;
  }
  std::vector<std::string> after_ids;
  const absl::StatusOr<std::int64_t> begun =
      connection.Run({"SELECT after_id FROM name_folding", 1}, {},
                     [&after_ids](Row& row) { after_ids.push_back(row.Text()); });
  if (!begun.ok()) return begun.status();
  if (after_ids.empty()) return false;
  const absl::StatusOr<std::vector<NamedAccount>> part = ListAfter(connection, after_ids.front());
  if (!part.ok()) return part.status();
  for (const NamedAccount& named : *part) {
    if (NamesOf(named.account) == named.names) continue;
    if (absl::Status status = Fold(connection, named.account); !status.ok()) return status;
  }
  const bool more = part->size() == kAtOnce;
  const absl::Status noted = more ? NotePlace(connection, part->back().account.id)
                                  : connection.Run("DELETE FROM name_folding");
  if (!noted.ok()) return noted;
  return more;
}

}  // namespace

absl::Status FoldNamesAnew(Connection& connection) {
  for (bool more = true; more;) {
    absl::Status status = connection.Run(connection.dialect().begin(Access::kReadWrite));
    if (!status.ok()) return status;
    const absl::StatusOr<bool> folded = FoldNext(connection);
    if (!folded.ok()) {
      const absl::Status rolled_back = connection.Run("ROLLBACK");
      return rolled_back.ok() ? folded.status() : rolled_back;
    }
    status = connection.Run("COMMIT");
    if (!status.ok()) return status;
    more = *folded;
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::storage
