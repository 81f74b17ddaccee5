// What grows old, what time has made of it, and how a person is erased.
#include <utility>

#include "absl/strings/str_cat.h"

#include "storage/erasure.h"
#include "storage/sql/account_row.h"
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

// How an index of migration 0007 is asked: by conditions in the index's own words, and from the
// instant that it orders by.
struct AgeingIndex {
  absl::string_view condition;
  absl::string_view instant;
};

constexpr absl::string_view kStatusAge =
    "(CASE WHEN status = 2 AND last_used_at > status_changed_at THEN last_used_at "
    "ELSE status_changed_at END)";

AgeingIndex IndexOf(Ageing what) {
  switch (what) {
    case Ageing::kPending:
      return {"status = 1", kStatusAge};
    case Ageing::kActive:
      return {"status = 2", kStatusAge};
    case Ageing::kInactive:
      return {"status = 3", kStatusAge};
    case Ageing::kDisabled:
      return {"status = 4", kStatusAge};
    case Ageing::kDeleted:
      return {"status = 5", kStatusAge};
    case Ageing::kLeavers:
      return {"leaver_at IS NOT NULL AND status < 5", "leaver_at"};
    case Ageing::kTemporaryPasswords:
      return {"password_temporary_until IS NOT NULL AND password_notices = 0",
              "password_temporary_until"};
    case Ageing::kPasswords:
      return {
          "password_temporary_until IS NULL AND locked_at IS NULL AND status < 4 "
          "AND password_notices = :notices",
          "password_changed_at"};
  }
  return {"FALSE", "status_changed_at"};
}

AgedAccount ReadAged(Row& row) {
  AgedAccount aged;
  aged.id = AccountId(row.Text());
  aged.since = row.Instant();
  return aged;
}

// What is forgotten with a person, by the account's id.
constexpr absl::string_view kForgotten[] = {
    "authentication_methods", "credential_history", "outbox",  "proofs",
    "recognitions",           "refusal_runs",       "replays", "security_questions",
    "verifications"};
// ... and by the subject of what is counted against it, which is that id or begins apart.
constexpr absl::string_view kForgottenCounts[] = {"code_events", "password_attempts",
                                                  "password_reservations"};

}  // namespace

absl::StatusOr<std::vector<AgedAccount>> SqlTransaction::ListAged(const AgeingFilter& filter) {
  const auto [condition, instant] = IndexOf(filter.what);
  std::vector<Parameter> parameters;
  if (filter.what == Ageing::kPasswords) parameters.emplace_back(filter.notices);
  std::string text = absl::StrCat("SELECT id, ", instant, " FROM accounts WHERE ", condition);
  if (filter.from.has_value() && filter.after_id.empty()) {
    absl::StrAppend(&text, " AND ", instant, " > :from_instant");
    parameters.emplace_back(*filter.from);
  } else if (filter.from.has_value()) {
    absl::StrAppend(&text, " AND ", instant, " >= :from_instant AND (", instant,
                    " > :same_instant OR id > :after_id)");
    parameters.insert(parameters.end(), {*filter.from, *filter.from, filter.after_id});
  }
  absl::StrAppend(&text, " AND ", instant, " <= :until_instant ORDER BY ", instant,
                  ", id LIMIT :most");
  parameters.insert(parameters.end(), {filter.until, filter.limit});
  return QueryAll({text, 2}, parameters, ReadAged);
}

absl::Status SqlTransaction::SettleStatus(const AccountId& id, v1::AccountStatus status,
                                          absl::Time since) {
  return Execute("UPDATE accounts SET status = :status, status_changed_at = :since WHERE id = :id",
                 {status, since, id});
}

absl::StatusOr<int> SqlTransaction::PasswordNotices(const AccountId& id) {
  return QueryOne<int>({"SELECT password_notices FROM accounts WHERE id = :id", 1}, {id},
                       [](Row& row) { return static_cast<int>(row.Integer()); });
}

absl::Status SqlTransaction::NotePassword(const AccountId& id, int notices) {
  return Execute("UPDATE accounts SET password_notices = :notices WHERE id = :id", {notices, id});
}

absl::Status SqlTransaction::EraseAccount(const AccountId& id, absl::Time since) {
  const absl::StatusOr<AccountRecord> account = FindAccount(id);
  if (!account.ok()) return account.status();
  if (account->username.empty()) return absl::OkStatus();
  absl::Status status =
      Unlist(account->organisation_id.value(), account->username, WriteRoles(account->roles));
  if (status.ok()) status = RetireUsername(account->username);
  for (const absl::string_view table : kForgotten) {
    if (status.ok()) {
      status =
          Execute(absl::StrCat("DELETE FROM ", table, " WHERE account_id = :account_id"), {id});
    }
  }
  for (const absl::string_view table : kForgottenCounts) {
    if (status.ok()) {
      status = Execute(absl::StrCat("DELETE FROM ", table, " WHERE subject IN (:id, :subject)"),
                       {id, absl::StrCat(kAccountSubject, id.value())});
    }
  }
  if (!status.ok()) return status;
  return WriteErased(Erased(*account, since));
}

absl::Status SqlTransaction::WriteErased(const AccountRecord& left) {
  absl::Status status = Execute(
      "UPDATE accounts SET username = :username, given_key = '', family_key = '', "
      "display_key = '', given_name = '', family_name = '', display_name = '', "
      "contact_email = '', roles = '' WHERE id = :id",
      {absl::StrCat(kErasedName, left.id.value()), left.id});
  if (status.ok()) status = AgeAccount(left);
  if (status.ok()) status = WriteSecretKey(left);
  if (status.ok()) status = WriteRest(left, left.row_version);
  return status;
}

}  // namespace gatehouse::storage
