// Accounts, who holds which role, and the history of credentials.
//
// Columns that indexes are made of are written only when they change (MoveAccount and the secret's
// key): an update of the rest leaves every index alone.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "storage/sql/sql_transaction.h"
#include "storage/text.h"

namespace gatehouse::storage {
namespace {

constexpr std::int64_t kPasswords = 1;
constexpr std::int64_t kSecrets = 2;

constexpr char kAccountColumns[] =
    "id, organisation_id, username, given_name, family_name, display_name, contact_email, "
    "phone_number, profile_confirmed_at, status, status_changed_at, last_used_at, locked_at, "
    "leaver_at, created_at, joined_at, password_phc, password_version, password_changed_at, "
    "password_must_change, password_temporary_until, aup_version, aup_accepted_at, aup_reset_at, "
    "secret_ciphertext, secret_key_id, secret_version, secret_set_at, has_security_questions, "
    "authentication_methods, resecured_at, roles, epoch, authorisation_version, row_version";
constexpr int kAccountColumnCount = 35;

// "ROLE:ORGANISATION;" a grant; ids are base64url and hold neither sign.
std::string WriteRoles(const std::vector<RoleGrantRecord>& roles) {
  std::string text;
  for (const RoleGrantRecord& grant : roles) {
    absl::StrAppend(&text, static_cast<int>(grant.role), ":", grant.organisation_id.value(), ";");
  }
  return text;
}

std::vector<RoleGrantRecord> ReadRoles(absl::string_view text) {
  std::vector<RoleGrantRecord> roles;
  for (const absl::string_view grant : absl::StrSplit(text, ';', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(grant, absl::MaxSplits(':', 1));
    int role = v1::ROLE_UNSPECIFIED;
    if (!absl::SimpleAtoi(parts.first, &role)) continue;
    roles.push_back({static_cast<v1::Role>(role), OrganisationId(parts.second)});
  }
  return roles;
}

AccountRecord ReadAccount(Row& row) {
  AccountRecord account;
  account.id = AccountId(row.Text());
  account.organisation_id = OrganisationId(row.Text());
  account.username = row.Text();
  account.profile.given_name = row.Text();
  account.profile.family_name = row.Text();
  account.profile.display_name = row.Text();
  account.profile.contact_email = row.Text();
  account.profile.phone_number = row.Text();
  account.profile_confirmed_at = row.OptionalInstant();
  account.status = row.Enumerator<v1::AccountStatus>();
  account.status_changed_at = row.Instant();
  account.last_used_at = row.OptionalInstant();
  account.locked_at = row.OptionalInstant();
  account.leaver_at = row.OptionalInstant();
  account.created_at = row.Instant();
  account.joined_at = row.Instant();
  account.password.phc = row.Text();
  account.password.version = row.Integer();
  account.password.changed_at = row.Instant();
  account.password.must_change = row.Truth();
  account.password.temporary_until = row.OptionalInstant();
  account.aup_version = row.Text();
  account.aup_accepted_at = row.OptionalInstant();
  account.aup_reset_at = row.OptionalInstant();
  account.secret.ciphertext = row.Bytes();
  account.secret.key_id = row.Text();
  account.secret.version = row.Integer();
  account.secret.set_at = row.OptionalInstant();
  account.has_security_questions = row.Truth();
  account.authentication_methods = static_cast<int>(row.Integer());
  account.resecured_at = row.OptionalInstant();
  account.roles = ReadRoles(row.Text());
  account.epoch = row.Integer();
  account.authorisation_version = row.Integer();
  account.row_version = row.Integer();
  return account;
}

// What the indexes hold of a stored account.
struct IndexedColumns {
  std::string organisation_id;
  std::string username;
  std::string given_name;
  std::string family_name;
  std::string roles;
  std::string secret_key_id;
};

IndexedColumns ReadIndexedColumns(Row& row) {
  return {row.Text(), row.Text(), row.Text(), row.Text(), row.Text(), row.Text()};
}

bool IsMoved(const IndexedColumns& stored, const AccountRecord& account) {
  return stored.organisation_id != account.organisation_id.value() ||
         stored.username != account.username || stored.given_name != account.profile.given_name ||
         stored.family_name != account.profile.family_name ||
         stored.roles != WriteRoles(account.roles);
}

// A query for a page of accounts, built from the parts of a filter that are set. Every one of its
// parts walks an index in the order of the page, but for a prefix of names: that one costs what
// matches it, within the organisation if one is given.
class PageQuery {
 public:
  explicit PageQuery(const AccountFilter& filter) : filter_(filter) {
    absl::StrAppend(&text_, "SELECT ", kAccountColumns, " FROM accounts WHERE ");
    if (!filter.name_prefix.empty()) {
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
    if (filter_.organisation_id.empty()) return;
    Add(absl::StrCat(" AND organisation_id = :organisation", tag), filter_.organisation_id);
  }

  void AddNamePrefix(const std::string& prefix) {
    absl::string_view before = "username IN (SELECT username FROM (";
    for (const absl::string_view column : {"username", "given_key", "family_key"}) {
      absl::StrAppend(&text_, before, "SELECT username FROM accounts WHERE ");
      AddPlace(absl::StrCat("_", column));
      Add(absl::StrCat(" AND ", column, " >= :from_", column), prefix);
      Add(absl::StrCat(" AND ", column, " < :to_", column), EndOfPrefix(prefix));
      before = " UNION ";
    }
    absl::StrAppend(&text_, ") AS matching");
    if (filter_.role != v1::ROLE_UNSPECIFIED) {
      Add(" WHERE EXISTS (SELECT 1 FROM role_holders WHERE role_holders.username = "
          "matching.username AND role = :role)",
          filter_.role);
    }
    Add(" ORDER BY username LIMIT :most_matching)", filter_.limit);
  }

  const AccountFilter& filter_;
  std::string text_;
  std::vector<Parameter> parameters_;
};

}  // namespace

absl::StatusOr<AccountRecord> SqlTransaction::FindAccount(const AccountId& id) {
  static const auto* const text =
      new std::string(absl::StrCat("SELECT ", kAccountColumns, " FROM accounts WHERE id = :id"));
  return QueryOne({*text, kAccountColumnCount}, {id}, ReadAccount);
}

absl::StatusOr<AccountRecord> SqlTransaction::FindAccountByUsername(absl::string_view username) {
  static const auto* const text = new std::string(
      absl::StrCat("SELECT ", kAccountColumns, " FROM accounts WHERE username = :username"));
  return QueryOne({*text, kAccountColumnCount}, {username}, ReadAccount);
}

absl::StatusOr<std::vector<AccountRecord>> SqlTransaction::ListAccounts(
    const AccountFilter& filter) {
  const PageQuery query(filter);
  return QueryAll({query.text(), kAccountColumnCount}, query.parameters(), ReadAccount);
}

absl::Status SqlTransaction::InsertAccount(const AccountRecord& account) {
  if (absl::Status status = CheckNeverUsed(account.username); !status.ok()) return status;
  absl::Status status = Insert(
      "INSERT INTO accounts (id, organisation_id, username, given_key, family_key, given_name, "
      "family_name, display_name, contact_email, phone_number, profile_confirmed_at, status, "
      "status_changed_at, last_used_at, locked_at, leaver_at, created_at, joined_at, "
      "password_phc, password_version, password_changed_at, password_must_change, "
      "password_temporary_until, aup_version, aup_accepted_at, aup_reset_at, secret_ciphertext, "
      "secret_key_id, secret_version, secret_set_at, has_security_questions, "
      "authentication_methods, resecured_at, roles, epoch, authorisation_version, row_version) "
      "VALUES (:id, :organisation_id, :username, "
      ":given_key, :family_key, :given_name, :family_name, :display_name, :contact_email, "
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
  if (!status.ok()) return status;
  return InsertRoles(account);
}

absl::Status SqlTransaction::UpdateAccount(const AccountRecord& account) {
  const absl::StatusOr<IndexedColumns> stored =
      QueryOne({"SELECT organisation_id, username, given_name, family_name, roles, secret_key_id "
                "FROM accounts WHERE id = :id AND row_version = :row_version",
                6},
               {account.id, account.row_version}, ReadIndexedColumns);
  if (absl::IsNotFound(stored.status())) return absl::AbortedError("the account has changed");
  if (!stored.ok()) return stored.status();
  if (IsMoved(*stored, account)) {
    absl::Status status = MoveAccount(account, stored->username, stored->roles);
    if (!status.ok()) return status;
  }
  if (stored->secret_key_id != account.secret.key_id) {
    absl::Status status = Execute("UPDATE accounts SET secret_key_id = :key_id WHERE id = :id",
                                  {account.secret.key_id, account.id});
    if (!status.ok()) return status;
  }
  return Execute(
      "UPDATE accounts SET display_name = :display_name, contact_email = :contact_email, "
      "phone_number = :phone_number, profile_confirmed_at = :profile_confirmed_at, "
      "status = :status, status_changed_at = :status_changed_at, last_used_at = :last_used_at, "
      "locked_at = :locked_at, leaver_at = :leaver_at, created_at = :created_at, "
      "joined_at = :joined_at, password_phc = :password_phc, "
      "password_version = :password_version, password_changed_at = :password_changed_at, "
      "password_must_change = :password_must_change, "
      "password_temporary_until = :password_temporary_until, aup_version = :aup_version, "
      "aup_accepted_at = :aup_accepted_at, aup_reset_at = :aup_reset_at, "
      "secret_ciphertext = :secret_ciphertext, secret_version = :secret_version, "
      "secret_set_at = :secret_set_at, has_security_questions = :has_security_questions, "
      "authentication_methods = :authentication_methods, resecured_at = :resecured_at, "
      "epoch = :epoch, authorisation_version = :authorisation_version, "
      "row_version = row_version + 1 WHERE id = :id",
      {account.profile.display_name,
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
       account.secret.version,
       account.secret.set_at,
       account.has_security_questions,
       account.authentication_methods,
       account.resecured_at,
       account.epoch,
       account.authorisation_version,
       account.id});
}

absl::Status SqlTransaction::MoveAccount(const AccountRecord& account,
                                         absl::string_view stored_username,
                                         absl::string_view stored_roles) {
  if (account.username != stored_username) {
    absl::Status status = CheckNeverUsed(account.username);
    if (status.ok()) status = CheckNotHeld(account.username);
    if (status.ok()) {
      status =
          Execute("INSERT INTO retired_usernames (username) VALUES (:username)", {stored_username});
    }
    if (!status.ok()) return status;
  }
  for (const RoleGrantRecord& grant : ReadRoles(stored_roles)) {
    absl::Status status =
        Execute("DELETE FROM role_holders WHERE role = :role AND username = :username",
                {grant.role, stored_username});
    if (!status.ok()) return status;
  }
  absl::Status status = Execute(
      "UPDATE accounts SET organisation_id = :organisation_id, username = :username, "
      "given_key = :given_key, family_key = :family_key, given_name = :given_name, "
      "family_name = :family_name, roles = :roles WHERE id = :id",
      {account.organisation_id, account.username, NameKey(account.profile.given_name),
       NameKey(account.profile.family_name), account.profile.given_name,
       account.profile.family_name, WriteRoles(account.roles), account.id});
  if (!status.ok()) return status;
  return InsertRoles(account);
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
