// Accounts, who holds which role, and the history of credentials; account_pages.cc lists accounts.
//
// Columns that indexes are made of are written only when they change (MoveAccount, AgeAccount and
// the secret's key): an update of the rest leaves every index alone.
#include <optional>

#include "absl/strings/str_cat.h"

#include "storage/sql/account_row.h"
#include "storage/sql/sql_transaction.h"
#include "storage/text.h"

namespace gatehouse::storage {
namespace {

constexpr std::int64_t kPasswords = 1;
constexpr std::int64_t kSecrets = 2;

std::optional<std::int64_t> Micros(const std::optional<absl::Time>& instant) {
  if (!instant.has_value()) return std::nullopt;
  return absl::ToUnixMicros(*instant);
}

// By what an account is found by people, ...
struct FoundBy {
  std::string organisation_id;
  std::string username;
  ProfileRecord profile;  // but for the phone number
  std::string roles;

  friend bool operator==(const FoundBy&, const FoundBy&) = default;
};

FoundBy ReadFoundBy(Row& row) {
  FoundBy found_by;
  found_by.organisation_id = row.Text();
  found_by.username = row.Text();
  found_by.profile.given_name = row.Text();
  found_by.profile.family_name = row.Text();
  found_by.profile.display_name = row.Text();
  found_by.profile.contact_email = row.Text();
  found_by.roles = row.Text();
  return found_by;
}

FoundBy FoundByOf(const AccountRecord& account) {
  FoundBy found_by{.organisation_id = std::string(account.organisation_id.value()),
                   .username = account.username,
                   .profile = account.profile,
                   .roles = WriteRoles(account.roles)};
  found_by.profile.phone_number.clear();
  return found_by;
}

// ... and by time: what storage/hygiene_record.h counts ages from, and of whom.
struct AgesBy {
  v1::AccountStatus status = v1::ACCOUNT_STATUS_UNSPECIFIED;
  std::optional<std::int64_t> status_changed_at;
  std::optional<std::int64_t> last_used_at;
  std::optional<std::int64_t> locked_at;
  std::optional<std::int64_t> leaver_at;
  std::int64_t password_version = 0;
  std::optional<std::int64_t> password_changed_at;
  std::optional<std::int64_t> password_temporary_until;

  friend bool operator==(const AgesBy&, const AgesBy&) = default;
};

AgesBy ReadAgesBy(Row& row) {
  AgesBy ages_by;
  ages_by.status = row.Enumerator<v1::AccountStatus>();
  ages_by.status_changed_at = row.Integer();
  ages_by.last_used_at = Micros(row.OptionalInstant());
  ages_by.locked_at = Micros(row.OptionalInstant());
  ages_by.leaver_at = Micros(row.OptionalInstant());
  ages_by.password_version = row.Integer();
  ages_by.password_changed_at = row.Integer();
  ages_by.password_temporary_until = Micros(row.OptionalInstant());
  return ages_by;
}

AgesBy AgesByOf(const AccountRecord& account) {
  return {.status = account.status,
          .status_changed_at = Micros(account.status_changed_at),
          .last_used_at = Micros(account.last_used_at),
          .locked_at = Micros(account.locked_at),
          .leaver_at = Micros(account.leaver_at),
          .password_version = account.password.version,
          .password_changed_at = Micros(account.password.changed_at),
          .password_temporary_until = Micros(account.password.temporary_until)};
}

// What the indexes hold of a stored account.
struct IndexedColumns {
  FoundBy found_by;
  AgesBy ages_by;
  std::string secret_key_id;
};

IndexedColumns ReadIndexedColumns(Row& row) {
  IndexedColumns stored;
  stored.found_by = ReadFoundBy(row);
  stored.ages_by = ReadAgesBy(row);
  stored.secret_key_id = row.Text();
  return stored;
}

}  // namespace

absl::StatusOr<AccountRecord> SqlTransaction::FindAccount(const AccountId& id) {
  static const auto* const text =
      new std::string(absl::StrCat("SELECT ", kAccountColumns, " FROM accounts WHERE id = :id"));
  return QueryOne({*text, kAccountColumnCount}, {id}, ReadAccount);
}

absl::StatusOr<AccountRecord> SqlTransaction::FindAccountByUsername(absl::string_view username) {
  static const auto* const text = new std::string(absl::StrCat(
      "SELECT ", kAccountColumns, " FROM accounts WHERE username = :username AND status <> 6"));
  return QueryOne({*text, kAccountColumnCount}, {username}, ReadAccount);
}

absl::Status SqlTransaction::InsertAccount(const AccountRecord& account) {
  if (absl::Status status = CheckNeverUsed(account.username); !status.ok()) return status;
  absl::Status status = Insert(
      "INSERT INTO accounts (id, organisation_id, username, given_key, family_key, display_key, "
      "given_name, family_name, display_name, contact_email, phone_number, profile_confirmed_at, "
      "status, "
      "status_changed_at, last_used_at, locked_at, leaver_at, created_at, joined_at, "
      "password_phc, password_version, password_changed_at, password_must_change, "
      "password_temporary_until, aup_version, aup_accepted_at, aup_reset_at, secret_ciphertext, "
      "secret_key_id, secret_version, secret_set_at, has_security_questions, "
      "authentication_methods, resecured_at, roles, epoch, authorisation_version, row_version) "
      "VALUES (:id, :organisation_id, :username, "
      ":given_key, :family_key, :display_key, :given_name, :family_name, :display_name, "
      ":contact_email, "
      ":phone_number, :profile_confirmed_at, :status, :status_changed_at, :last_used_at, "
      ":locked_at, :leaver_at, :created_at, :joined_at, :password_phc, :password_version, "
      ":password_changed_at, :password_must_change, :password_temporary_until, :aup_version, "
      ":aup_accepted_at, :aup_reset_at, :secret_ciphertext, :secret_key_id, :secret_version, "
      ":secret_set_at, :has_security_questions, :authentication_methods, :resecured_at, :roles, "
      ":epoch, "
      ":authorisation_version, :row_version) ON CONFLICT DO NOTHING",
      {account.id,
       account.organisation_id,
       account.username,
       NameKey(account.profile.given_name),
       NameKey(account.profile.family_name),
       NameKey(account.profile.display_name),
       account.profile.given_name,
       account.profile.family_name,
       account.profile.display_name,
       account.profile.contact_email,
       account.profile.phone_number,
       account.profile_confirmed_at,
       account.status,
       account.status_changed_at,
       account.last_used_at,
       account.locked_at,
       account.leaver_at,
       account.created_at,
       account.joined_at,
       account.password.phc,
       account.password.version,
       account.password.changed_at,
       account.password.must_change,
       account.password.temporary_until,
       account.aup_version,
       account.aup_accepted_at,
       account.aup_reset_at,
       Parameter::Bytes(account.secret.ciphertext),
       account.secret.key_id,
       account.secret.version,
       account.secret.set_at,
       account.has_security_questions,
       account.authentication_methods,
       account.resecured_at,
       WriteRoles(account.roles),
       account.epoch,
       account.authorisation_version,
       account.row_version},
      "the account's id or username");
  if (status.ok()) status = InsertNames(account);
  if (!status.ok()) return status;
  return InsertRoles(account);
}

absl::Status SqlTransaction::UpdateAccount(const AccountRecord& account) {
  const ProfileRecord& profile = account.profile;
  // Before the first of several statements.
  absl::Status text = CheckText({account.username, profile.given_name, profile.family_name,
                                 profile.display_name, profile.contact_email, profile.phone_number,
                                 account.password.phc, account.aup_version, account.secret.key_id});
  if (!text.ok()) return text;
  const absl::StatusOr<IndexedColumns> stored =
      QueryOne({"SELECT organisation_id, username, given_name, family_name, display_name, "
                "contact_email, roles, status, status_changed_at, last_used_at, locked_at, "
                "leaver_at, password_version, password_changed_at, password_temporary_until, "
                "secret_key_id FROM accounts WHERE id = :id AND row_version = :row_version",
                16},
               {account.id, account.row_version}, ReadIndexedColumns);
  if (absl::IsNotFound(stored.status())) return absl::AbortedError("the account has changed");
  if (!stored.ok()) return stored.status();
  if (!(stored->found_by == FoundByOf(account))) {
    const FoundBy& found_by = stored->found_by;
    absl::Status status =
        MoveAccount(account, found_by.organisation_id, found_by.username, found_by.roles);
    if (!status.ok()) return status;
  }
  if (!(stored->ages_by == AgesByOf(account))) {
    if (absl::Status status = AgeAccount(account); !status.ok()) return status;
  }
  if (stored->secret_key_id != account.secret.key_id) {
    if (absl::Status status = WriteSecretKey(account); !status.ok()) return status;
  }
  return WriteRest(account, account.row_version + 1);
}

absl::Status SqlTransaction::WriteSecretKey(const AccountRecord& account) {
  return Execute("UPDATE accounts SET secret_key_id = :key_id WHERE id = :id",
                 {account.secret.key_id, account.id});
}

absl::Status SqlTransaction::WriteRest(const AccountRecord& account, std::int64_t row_version) {
  return Execute(
      "UPDATE accounts SET phone_number = :phone_number, "
      "profile_confirmed_at = :profile_confirmed_at, created_at = :created_at, "
      "joined_at = :joined_at, password_phc = :password_phc, "
      "password_must_change = :password_must_change, aup_version = :aup_version, "
      "aup_accepted_at = :aup_accepted_at, aup_reset_at = :aup_reset_at, "
      "secret_ciphertext = :secret_ciphertext, secret_version = :secret_version, "
      "secret_set_at = :secret_set_at, has_security_questions = :has_security_questions, "
      "authentication_methods = :authentication_methods, resecured_at = :resecured_at, "
      "epoch = :epoch, authorisation_version = :authorisation_version, "
      "row_version = :row_version WHERE id = :id",
      {account.profile.phone_number, account.profile_confirmed_at, account.created_at,
       account.joined_at, account.password.phc, account.password.must_change, account.aup_version,
       account.aup_accepted_at, account.aup_reset_at, Parameter::Bytes(account.secret.ciphertext),
       account.secret.version, account.secret.set_at, account.has_security_questions,
       account.authentication_methods, account.resecured_at, account.epoch,
       account.authorisation_version, row_version, account.id});
}

absl::Status SqlTransaction::AgeAccount(const AccountRecord& account) {
  return Execute(
      "UPDATE accounts SET status = :status, status_changed_at = :status_changed_at, "
      "last_used_at = :last_used_at, locked_at = :locked_at, leaver_at = :leaver_at, "
      "password_notices = CASE WHEN password_version = :same_version THEN password_notices "
      "ELSE 0 END, password_version = :password_version, "
      "password_changed_at = :password_changed_at, "
      "password_temporary_until = :password_temporary_until WHERE id = :id",
      {account.status, account.status_changed_at, account.last_used_at, account.locked_at,
       account.leaver_at, account.password.version, account.password.version,
       account.password.changed_at, account.password.temporary_until, account.id});
}

absl::Status SqlTransaction::MoveAccount(const AccountRecord& account,
                                         absl::string_view stored_organisation_id,
                                         absl::string_view stored_username,
                                         absl::string_view stored_roles) {
  if (account.username != stored_username) {
    absl::Status status = CheckUsernameFree(account.username);
    if (status.ok()) status = RetireUsername(stored_username);
    if (!status.ok()) return status;
  }
  absl::Status status = Unlist(stored_organisation_id, stored_username, stored_roles);
  if (!status.ok()) return status;
  status = Execute(
      "UPDATE accounts SET organisation_id = :organisation_id, username = :username, "
      "given_key = :given_key, family_key = :family_key, display_key = :display_key, "
      "given_name = :given_name, family_name = :family_name, display_name = :display_name, "
      "contact_email = :contact_email, roles = :roles WHERE id = :id",
      {account.organisation_id, account.username, NameKey(account.profile.given_name),
       NameKey(account.profile.family_name), NameKey(account.profile.display_name),
       account.profile.given_name, account.profile.family_name, account.profile.display_name,
       account.profile.contact_email, WriteRoles(account.roles), account.id});
  if (status.ok()) status = InsertNames(account);
  if (!status.ok()) return status;
  return InsertRoles(account);
}

absl::Status SqlTransaction::Unlist(absl::string_view organisation_id, absl::string_view username,
                                    absl::string_view roles) {
  for (const RoleGrantRecord& grant : ReadRoles(roles)) {
    absl::Status status =
        Execute("DELETE FROM role_holders WHERE role = :role AND username = :username",
                {grant.role, username});
    if (!status.ok()) return status;
  }
  return Execute(
      "DELETE FROM account_names WHERE organisation_id = :organisation_id AND username = :username",
      {organisation_id, username});
}

absl::Status SqlTransaction::RetireUsername(absl::string_view username) {
  return Execute("INSERT INTO retired_usernames (username) VALUES (:username)", {username});
}

absl::Status SqlTransaction::InsertNames(const AccountRecord& account) {
  return Execute(
      "INSERT INTO account_names (organisation_id, username, names) "
      "VALUES (:organisation_id, :username, :names)",
      {account.organisation_id, account.username, NamesOf(account)});
}

absl::Status SqlTransaction::InsertRoles(const AccountRecord& account) {
  for (const RoleGrantRecord& grant : account.roles) {
    absl::Status status = Execute(
        "INSERT INTO role_holders (role, username, organisation_id, account_id) "
        "VALUES (:role, :username, :organisation_id, :account_id) ON CONFLICT DO NOTHING",
        {grant.role, account.username, account.organisation_id, account.id});
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SqlTransaction::CheckUsernameFree(absl::string_view username) {
  absl::Status status = CheckNeverUsed(username);
  return status.ok() ? CheckNotHeld(username) : status;
}

absl::Status SqlTransaction::CheckNeverUsed(absl::string_view username) {
  return CheckNone({"SELECT username FROM retired_usernames WHERE username = :username", 1},
                   username);
}

absl::Status SqlTransaction::CheckNotHeld(absl::string_view username) {
  return CheckNone({"SELECT username FROM accounts WHERE username = :username", 1}, username);
}

absl::Status SqlTransaction::CheckNone(const Sql& sql, absl::string_view username) {
  bool taken = false;
  absl::Status status = Query(sql, {username}, [&taken](Row&) { taken = true; });
  if (status.ok() && taken) return absl::AlreadyExistsError("the username is taken");
  return status;
}

absl::StatusOr<int> SqlTransaction::CountHolders(v1::Role role, int limit) {
  return QueryOne<int>({"SELECT COUNT(*) FROM (SELECT 1 FROM role_holders JOIN accounts "
                        "ON accounts.id = role_holders.account_id WHERE role_holders.role = :role "
                        "AND accounts.status IN (1, 2) LIMIT :most) AS counted",
                        1},
                       {role, limit}, [](Row& row) { return static_cast<int>(row.Integer()); });
}

absl::Status SqlTransaction::RecordUse(const AccountId& id, absl::Time at) {
  const absl::Time day =
      absl::FromCivil(absl::ToCivilDay(at, absl::UTCTimeZone()), absl::UTCTimeZone());
  return Execute(
      "UPDATE accounts SET last_used_at = :at WHERE id = :id "
      "AND (last_used_at IS NULL OR last_used_at < :day)",
      {at, id, day});
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::PasswordHistory(const AccountId& id,
                                                                         int limit) {
  return History(id, kPasswords, limit);
}

absl::Status SqlTransaction::AppendPasswordHistory(const AccountId& id, absl::string_view phc,
                                                   absl::Time at) {
  return AppendHistory(id, kPasswords, phc, at);
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::SecretHistory(const AccountId& id,
                                                                       int limit) {
  return History(id, kSecrets, limit);
}

absl::Status SqlTransaction::AppendSecretHistory(const AccountId& id, absl::string_view hash,
                                                 absl::Time at) {
  return AppendHistory(id, kSecrets, hash, at);
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::History(const AccountId& id,
                                                                 std::int64_t kind, int limit) {
  return QueryAll<std::string>(
      {"SELECT hash FROM credential_history WHERE account_id = :account_id AND kind = :kind "
       "ORDER BY sequence DESC LIMIT :most",
       1},
      {id, kind, limit}, [](Row& row) { return row.Text(); });
}

absl::Status SqlTransaction::AppendHistory(const AccountId& id, std::int64_t kind,
                                           absl::string_view hash, absl::Time at) {
  return Execute(
      "INSERT INTO credential_history (account_id, kind, sequence, hash, replaced_at) VALUES "
      "(:account_id, :kind, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM credential_history "
      "WHERE account_id = :same_account_id AND kind = :same_kind), :hash, :replaced_at)",
      {id, kind, id, kind, hash, at});
}

}  // namespace gatehouse::storage
