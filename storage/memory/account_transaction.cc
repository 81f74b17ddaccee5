#include "storage/memory/account_transaction.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

#include "storage/memory/precision.h"
#include "storage/text.h"

namespace gatehouse::storage {
namespace {

template <typename Key, typename Value>
absl::StatusOr<Value> Find(const std::map<Key, Value>& table, const Key& key) {
  const auto row = table.find(key);
  if (row == table.end()) return absl::NotFoundError("no such row");
  return row->second;
}

template <typename Record>
bool IsFull(const std::vector<Record>& page, int limit) {
  return page.size() >= static_cast<std::size_t>(std::max(limit, 0));
}

std::vector<std::string> Latest(const std::map<AccountId, std::vector<std::string>>& history,
                                const AccountId& id, int limit) {
  const auto row = history.find(id);
  if (row == history.end()) return {};
  const auto count = std::min(row->second.size(), static_cast<std::size_t>(std::max(limit, 0)));
  return {row->second.rbegin(), row->second.rbegin() + static_cast<std::ptrdiff_t>(count)};
}

bool Holds(const AccountRecord& account, v1::Role role) {
  return std::any_of(account.roles.begin(), account.roles.end(),
                     [role](const RoleGrantRecord& grant) { return grant.role == role; });
}

bool Matches(const AccountRecord& account, const AccountFilter& filter) {
  if (!filter.organisation_id.empty() && account.organisation_id != filter.organisation_id) {
    return false;
  }
  if (filter.role != v1::ROLE_UNSPECIFIED && !Holds(account, filter.role)) return false;
  const ProfileRecord& profile = account.profile;
  std::vector<std::string> names = {account.username, NameKey(profile.given_name),
                                    NameKey(profile.family_name), NameKey(profile.display_name)};
  const std::string prefix = NameKey(filter.name_prefix), part = NameKey(filter.name_part);
  if (std::none_of(names.begin(), names.end(),
                   [&](const std::string& name) { return absl::StartsWith(name, prefix); })) {
    return false;
  }
  names.push_back(NameKey(profile.contact_email));
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return absl::StrContains(name, part); });
}

template <typename Item>
bool Contains(const std::vector<Item>& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

bool Matches(const AuditRecord& audit, const AuditFilter& filter) {
  return (filter.before_sequence <= 0 || audit.sequence < filter.before_sequence) &&
         (filter.actor_id.empty() || audit.actor_id == filter.actor_id) &&
         (filter.target_id.empty() || audit.target_id == filter.target_id) &&
         (filter.actions.empty() || Contains(filter.actions, audit.action)) &&
         (filter.outcome == v1::AUDIT_OUTCOME_UNSPECIFIED || audit.outcome == filter.outcome) &&
         (filter.reason.empty() || Contains(audit.reasons, filter.reason)) &&
         (!filter.start.has_value() || audit.time >= Stored(*filter.start)) &&
         (!filter.end.has_value() || audit.time < Stored(*filter.end));
}

}  // namespace

absl::Status MemoryTransaction::CheckWrite(std::initializer_list<absl::string_view> texts) {
  if (mode_ == Mode::kReading) return absl::InternalError("a reading transaction cannot write");
  return CheckText(texts);
}

// --- Organisations and acceptable use policies ---

absl::StatusOr<OrganisationRecord> MemoryTransaction::FindOrganisation(const OrganisationId& id) {
  return Find(tables_.organisations, id);
}

absl::StatusOr<OrganisationRecord> MemoryTransaction::FindOrganisationByName(
    absl::string_view name) {
  const absl::StatusOr<OrganisationId> id = Find(tables_.organisations_by_name, NameKey(name));
  if (!id.ok()) return id.status();
  return Find(tables_.organisations, *id);
}

absl::StatusOr<std::vector<OrganisationRecord>> MemoryTransaction::ListOrganisations(
    const OrganisationFilter& filter) {
  const std::string prefix = NameKey(filter.name_prefix);
  std::vector<OrganisationRecord> page;
  for (auto row = tables_.organisations_by_name.upper_bound(NameKey(filter.after_name));
       row != tables_.organisations_by_name.end() && !IsFull(page, filter.limit); ++row) {
    if (absl::StartsWith(row->first, prefix)) {
      page.push_back(tables_.organisations.at(row->second));
    }
  }
  return page;
}

absl::Status MemoryTransaction::InsertOrganisation(const OrganisationRecord& organisation) {
  absl::Status status = CheckWrite({organisation.id.value(), organisation.display_name});
  if (!status.ok()) return status;
  const std::string name_key = NameKey(organisation.display_name);
  if (tables_.organisations.contains(organisation.id) ||
      tables_.organisations_by_name.contains(name_key)) {
    return absl::AlreadyExistsError("the organisation's id or name is taken");
  }
  undo_.Put(tables_.organisations, organisation.id, Stored(organisation));
  undo_.Put(tables_.organisations_by_name, name_key, organisation.id);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::UpdateOrganisation(const OrganisationRecord& organisation) {
  absl::Status status = CheckWrite({organisation.display_name});
  if (!status.ok()) return status;
  const std::string name_key = NameKey(organisation.display_name);
  const absl::StatusOr<OrganisationId> namesake = Find(tables_.organisations_by_name, name_key);
  if (namesake.ok() && *namesake != organisation.id) {
    return absl::AlreadyExistsError("the organisation's name is taken");
  }
  const absl::StatusOr<OrganisationRecord> stored = FindOrganisation(organisation.id);
  if (!stored.ok() || stored->row_version != organisation.row_version) {
    return absl::AbortedError("the organisation has changed");
  }
  OrganisationRecord updated = Stored(organisation);
  ++updated.row_version;
  undo_.Erase(tables_.organisations_by_name, NameKey(stored->display_name));
  undo_.Put(tables_.organisations_by_name, name_key, organisation.id);
  undo_.Put(tables_.organisations, organisation.id, std::move(updated));
  return absl::OkStatus();
}

absl::StatusOr<AcceptableUsePolicyRecord> MemoryTransaction::CurrentAcceptableUsePolicy() {
  if (tables_.acceptable_use_policies.empty()) return absl::NotFoundError("no such row");
  return tables_.acceptable_use_policies.rbegin()->second;
}

absl::StatusOr<AcceptableUsePolicyRecord> MemoryTransaction::FindAcceptableUsePolicy(
    absl::string_view version) {
  for (const auto& [sequence, aup] : tables_.acceptable_use_policies) {
    if (aup.version == version) return aup;
  }
  return absl::NotFoundError("no such row");
}

absl::Status MemoryTransaction::InsertAcceptableUsePolicy(const AcceptableUsePolicyRecord& aup) {
  absl::Status status = CheckWrite({aup.version, aup.document_uri, aup.document_sha256});
  if (!status.ok()) return status;
  if (FindAcceptableUsePolicy(aup.version).ok()) {
    return absl::AlreadyExistsError("the acceptable use policy's version is taken");
  }
  const auto sequence = static_cast<std::int64_t>(tables_.acceptable_use_policies.size()) + 1;
  undo_.Put(tables_.acceptable_use_policies, sequence, Stored(aup));
  return absl::OkStatus();
}

// --- Accounts ---

absl::StatusOr<AccountRecord> MemoryTransaction::FindAccount(const AccountId& id) {
  return Find(tables_.accounts, id);
}

absl::StatusOr<AccountRecord> MemoryTransaction::FindAccountByUsername(absl::string_view username) {
  const absl::StatusOr<AccountId> id = Find(tables_.accounts_by_username, std::string(username));
  if (!id.ok()) return id.status();
  return FindAccount(*id);
}

absl::StatusOr<std::vector<AccountRecord>> MemoryTransaction::ListAccounts(
    const AccountFilter& filter) {
  std::vector<AccountRecord> page;
  for (auto row = tables_.accounts_by_username.upper_bound(filter.after_username);
       row != tables_.accounts_by_username.end() && !IsFull(page, filter.limit); ++row) {
    const AccountRecord& account = tables_.accounts.at(row->second);
    if (Matches(account, filter)) page.push_back(account);
  }
  return page;
}

absl::Status MemoryTransaction::CheckAccount(const AccountRecord& account) {
  absl::Status status =
      CheckWrite({account.id.value(), account.username, account.profile.given_name,
                  account.profile.family_name, account.profile.display_name,
                  account.profile.contact_email, account.profile.phone_number, account.password.phc,
                  account.aup_version, account.secret.key_id});
  if (status.ok() && !tables_.organisations.contains(account.organisation_id)) {
    status = failure_ = absl::InternalError("an account needs an organisation");
  }
  return status;
}

absl::Status MemoryTransaction::CheckUsernameFree(absl::string_view username) {
  const std::string name(username);
  if (tables_.accounts_by_username.contains(name) || tables_.retired_usernames.contains(name)) {
    return absl::AlreadyExistsError("the username is taken");
  }
  return absl::OkStatus();
}

void MemoryTransaction::Store(const AccountRecord& account) {
  undo_.Put(tables_.accounts, account.id, Stored(account));
  undo_.Put(tables_.accounts_by_username, account.username, account.id);
}

absl::Status MemoryTransaction::InsertAccount(const AccountRecord& account) {
  absl::Status status = CheckAccount(account);
  if (status.ok()) status = CheckUsernameFree(account.username);
  if (!status.ok()) return status;
  if (tables_.accounts.contains(account.id)) {
    return absl::AlreadyExistsError("the account's id is taken");
  }
  Store(account);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::UpdateAccount(const AccountRecord& account) {
  absl::Status status = CheckWrite({});
  if (!status.ok()) return status;
  const absl::StatusOr<AccountRecord> stored = FindAccount(account.id);
  if (!stored.ok() || stored->row_version != account.row_version) {
    return absl::AbortedError("the account has changed");
  }
  if (status = CheckAccount(account); !status.ok()) return status;
  if (account.username != stored->username) {
    if (status = CheckUsernameFree(account.username); !status.ok()) return status;
    undo_.Erase(tables_.accounts_by_username, stored->username);
    undo_.Put(tables_.retired_usernames, stored->username, account.id);
  }
  if (account.password.version != stored->password.version) {
    undo_.Erase(tables_.password_notices, account.id);
  }
  AccountRecord updated = account;
  ++updated.row_version;
  Store(updated);
  return absl::OkStatus();
}

absl::StatusOr<int> MemoryTransaction::CountHolders(v1::Role role, int limit) {
  int count = 0;
  for (const auto& [id, account] : tables_.accounts) {
    if (count >= limit) break;
    const bool is_live =
        account.status == v1::ACCOUNT_STATUS_PENDING || account.status == v1::ACCOUNT_STATUS_ACTIVE;
    if (is_live && Holds(account, role)) ++count;
  }
  return count;
}

absl::Status MemoryTransaction::RecordUse(const AccountId& id, absl::Time at) {
  absl::Status status = CheckWrite({});
  if (!status.ok()) return status;
  absl::StatusOr<AccountRecord> account = FindAccount(id);
  if (!account.ok()) return absl::OkStatus();
  const absl::TimeZone utc = absl::UTCTimeZone();
  if (!account->last_used_at.has_value() ||
      *account->last_used_at < absl::FromCivil(absl::ToCivilDay(at, utc), utc)) {
    account->last_used_at = at;
    Store(*account);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MemoryTransaction::PasswordHistory(const AccountId& id,
                                                                            int limit) {
  return Latest(tables_.password_history, id, limit);
}

absl::Status MemoryTransaction::AppendPasswordHistory(const AccountId& id, absl::string_view phc,
                                                      absl::Time) {
  return AppendHistory(tables_.password_history, id, phc);
}

absl::StatusOr<std::vector<std::string>> MemoryTransaction::SecretHistory(const AccountId& id,
                                                                          int limit) {
  return Latest(tables_.secret_history, id, limit);
}

absl::Status MemoryTransaction::AppendSecretHistory(const AccountId& id, absl::string_view hash,
                                                    absl::Time) {
  return AppendHistory(tables_.secret_history, id, hash);
}

absl::Status MemoryTransaction::AppendHistory(std::map<AccountId, std::vector<std::string>>& table,
                                              const AccountId& id, absl::string_view hash) {
  absl::Status status = CheckWrite({hash});
  if (!status.ok()) return status;
  if (!tables_.accounts.contains(id)) {
    return failure_ = absl::InternalError("a history needs an account");
  }
  std::vector<std::string> history = Find(table, id).value_or(std::vector<std::string>());
  history.emplace_back(hash);
  undo_.Put(table, id, std::move(history));
  return absl::OkStatus();
}

// --- Wrong passwords ---

absl::StatusOr<PasswordAttempts> MemoryTransaction::FindPasswordAttempts(
    absl::string_view subject) {
  PasswordAttempts attempts;
  const std::string key(subject);
  const auto settled = tables_.password_attempts.find(key);
  if (settled != tables_.password_attempts.end()) attempts.failures = settled->second.failures;
  for (auto row = tables_.reservations.lower_bound({key, ""});
       row != tables_.reservations.end() && row->first.first == key; ++row) {
    attempts.pending.push_back({row->first.second, row->second});
  }
  std::stable_sort(attempts.pending.begin(), attempts.pending.end(),
                   [](const auto& a, const auto& b) { return a.reserved_at < b.reserved_at; });
  return attempts;
}

absl::Status MemoryTransaction::ReservePasswordAttempt(absl::string_view subject,
                                                       absl::string_view reservation_id,
                                                       absl::Time at) {
  absl::Status status = CheckWrite({subject, reservation_id});
  if (!status.ok()) return status;
  const std::pair key{std::string(subject), std::string(reservation_id)};
  if (tables_.reservations.contains(key)) {
    return absl::AlreadyExistsError("the reservation's id is taken");
  }
  undo_.Put(tables_.reservations, key, Stored(at));
  return absl::OkStatus();
}

absl::Status MemoryTransaction::SettlePasswordAttempt(absl::string_view subject,
                                                      absl::string_view reservation_id,
                                                      std::int64_t failures, absl::Time at) {
  absl::Status status = CheckWrite({subject, reservation_id});
  if (!status.ok()) return status;
  const std::string key(subject);
  undo_.Erase(tables_.reservations, {key, std::string(reservation_id)});
  if (failures == 0) {
    undo_.Erase(tables_.password_attempts, key);
  } else {
    undo_.Put(tables_.password_attempts, key, {failures, Stored(at)});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::int64_t> MemoryTransaction::CountSourceFailures(absl::string_view source,
                                                                    absl::Time since) {
  const std::string key(source);
  std::int64_t count = 0;
  for (auto row = tables_.source_failures.lower_bound({key, Stored(since)});
       row != tables_.source_failures.end() && row->first.first == key; ++row) {
    count += row->second;
  }
  return count;
}

absl::Status MemoryTransaction::AppendSourceFailure(absl::string_view source, absl::Time at) {
  absl::Status status = CheckWrite({source});
  if (!status.ok()) return status;
  const std::pair key(std::string(source), Stored(at));
  undo_.Put(tables_.source_failures, key, Find(tables_.source_failures, key).value_or(0) + 1);
  return absl::OkStatus();
}

// --- Revocation log ---

absl::StatusOr<RevocationHead> MemoryTransaction::ReadRevocationHead() {
  return tables_.revocation_head;
}

absl::Status MemoryTransaction::CheckRevoking() const {
  if (mode_ == Mode::kRevoking) return absl::OkStatus();
  return absl::FailedPreconditionError("the revocation log is written by TransactRevoking alone");
}

absl::StatusOr<std::int64_t> MemoryTransaction::AppendRevocation(
    const RevocationRecord& revocation) {
  absl::Status status = CheckRevoking();
  if (status.ok()) status = CheckWrite({revocation.account_id.value()});
  if (!status.ok()) return status;
  RevocationHead head = tables_.revocation_head;
  const std::int64_t position = ++head.position;
  undo_.Set(tables_.revocation_head, std::move(head));
  RevocationRecord stored = Stored(revocation);
  stored.position = position;
  if (stored.kind != RevocationKind::kSession) stored.digest = SessionDigest();
  undo_.Put(tables_.revocations, position, std::move(stored));
  return position;
}

absl::StatusOr<std::vector<RevocationRecord>> MemoryTransaction::ReadRevocations(std::int64_t after,
                                                                                 int limit) {
  std::vector<RevocationRecord> page;
  for (auto row = tables_.revocations.upper_bound(after);
       row != tables_.revocations.end() && !IsFull(page, limit); ++row) {
    page.push_back(row->second);
  }
  return page;
}

absl::StatusOr<bool> MemoryTransaction::IsSessionRevoked(const AccountId& account_id,
                                                         const SessionDigest& digest,
                                                         std::int64_t epoch,
                                                         std::int64_t issued_position) {
  const auto ends = [&](const auto& row) {
    const RevocationRecord& revocation = row.second;
    switch (revocation.kind) {
      case RevocationKind::kMinimumEpoch:
        return revocation.account_id == account_id && revocation.min_epoch > epoch &&
               revocation.except != digest;
      case RevocationKind::kSession:
        return revocation.account_id == account_id && revocation.digest == digest;
      case RevocationKind::kEverythingBefore:
        return revocation.position > issued_position;
      case RevocationKind::kNone:
      case RevocationKind::kAuthorisationVersion:
        return false;
    }
    return false;
  };
  return issued_position < tables_.revocation_head.forgotten_before ||
         std::any_of(tables_.revocations.begin(), tables_.revocations.end(), ends);
}

absl::StatusOr<bool> MemoryTransaction::IsEverythingRevokedSince(std::int64_t position) {
  const auto since = tables_.revocations.upper_bound(position);
  return position < tables_.revocation_head.forgotten_before ||
         std::any_of(since, tables_.revocations.end(), [](const auto& row) {
           return row.second.kind == RevocationKind::kEverythingBefore;
         });
}

absl::Status MemoryTransaction::StartIncarnation(absl::string_view incarnation) {
  absl::Status status = CheckWrite({incarnation});
  if (!status.ok()) return status;
  RevocationHead head = tables_.revocation_head;
  head.incarnation = std::string(incarnation);
  undo_.Set(tables_.revocation_head, std::move(head));
  return absl::OkStatus();
}

// --- Audit, replays ---

absl::StatusOr<AuditHead> MemoryTransaction::LockAuditHead(const OrganisationId& id) {
  absl::Status status = CheckWrite({id.value()});
  if (!status.ok()) return status;
  return Find(tables_.audit_heads, id).value_or(AuditHead());
}

absl::Status MemoryTransaction::AppendAudit(const AuditRecord& audit) {
  absl::Status status =
      CheckWrite({audit.organisation_id.value(), audit.actor_id.value(), audit.actor_session_id,
                  audit.caller, audit.action, audit.target_id.value(), audit.policy_revision});
  if (!status.ok()) return status;
  const absl::StatusOr<AuditHead> head = LockAuditHead(audit.organisation_id);
  if (!head.ok()) return head.status();
  if (audit.sequence != head->sequence + 1) {
    return absl::FailedPreconditionError("the audit event does not follow the locked head");
  }
  undo_.Put(tables_.audit_heads, audit.organisation_id, {audit.sequence, audit.chain_sha256});
  undo_.Put(tables_.audit, {audit.organisation_id, audit.sequence}, Stored(audit));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AuditRecord>> MemoryTransaction::ListAudit(const AuditFilter& filter) {
  std::vector<AuditRecord> page;
  const AuditHead head = Find(tables_.audit_heads, filter.organisation_id).value_or(AuditHead());
  for (std::int64_t sequence = head.sequence; sequence > 0 && !IsFull(page, filter.limit);
       --sequence) {
    const AuditRecord& audit = tables_.audit.at({filter.organisation_id, sequence});
    if (Matches(audit, filter)) page.push_back(audit);
  }
  return page;
}

absl::StatusOr<ReplayRecord> MemoryTransaction::FindReplay(absl::string_view caller,
                                                           absl::string_view method,
                                                           absl::string_view request_id,
                                                           absl::string_view presenter) {
  return Find(tables_.replays,
              MemoryTables::ReplayKey(std::string(caller), std::string(method),
                                      std::string(request_id), std::string(presenter)));
}

absl::Status MemoryTransaction::PutReplay(const ReplayRecord& replay, absl::Time expired) {
  absl::Status status = CheckWrite({replay.caller, replay.method, replay.request_id,
                                    replay.presenter, replay.account_id.value()});
  if (!status.ok()) return status;
  const MemoryTables::ReplayKey key(replay.caller, replay.method, replay.request_id,
                                    replay.presenter);
  const auto earlier = tables_.replays.find(key);
  if (earlier != tables_.replays.end() && earlier->second.created_at > expired) {
    return absl::AlreadyExistsError("the request_id is taken");
  }
  undo_.Put(tables_.replays, key, Stored(replay));
  return absl::OkStatus();
}

}  // namespace gatehouse::storage
