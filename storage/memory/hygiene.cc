// Timelines, what grows old, what time has made of it, and how a person is erased.
#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

#include "storage/erasure.h"
#include "storage/memory/account_transaction.h"
#include "storage/memory/precision.h"

namespace gatehouse::storage {
namespace {

template <typename Record>
void CutToSize(std::vector<Record>& page, int limit) {
  const auto most = static_cast<std::size_t>(std::max(limit, 0));
  if (page.size() > most) page.resize(most);
}

auto PlaceOf(const AuditRecord& audit) { return std::tuple(audit.time, audit.sequence); }

// The instant that `what` counts from; nullopt: the account is none of these.
std::optional<absl::Time> InstantOf(Ageing what, const AccountRecord& account) {
  const auto since = [&](v1::AccountStatus status) {
    return account.status == status ? std::optional(account.status_changed_at) : std::nullopt;
  };
  switch (what) {
    case Ageing::kPending:
      return since(v1::ACCOUNT_STATUS_PENDING);
    case Ageing::kActive:
      return std::max(since(v1::ACCOUNT_STATUS_ACTIVE), account.status == v1::ACCOUNT_STATUS_ACTIVE
                                                            ? account.last_used_at
                                                            : std::nullopt);
    case Ageing::kInactive:
      return since(v1::ACCOUNT_STATUS_INACTIVE);
    case Ageing::kDisabled:
      return since(v1::ACCOUNT_STATUS_DISABLED);
    case Ageing::kDeleted:
      return since(v1::ACCOUNT_STATUS_DELETED);
    case Ageing::kLeavers:
      return account.status < v1::ACCOUNT_STATUS_DELETED ? account.leaver_at : std::nullopt;
    case Ageing::kTemporaryPasswords:
      return account.password.temporary_until;
    case Ageing::kPasswords:
      break;
  }
  const bool counts = !account.password.temporary_until.has_value() &&
                      !account.locked_at.has_value() &&
                      account.status < v1::ACCOUNT_STATUS_DISABLED;
  return counts ? std::optional(account.password.changed_at) : std::nullopt;
}

}  // namespace

// --- Timelines ---

absl::StatusOr<std::vector<AuditRecord>> MemoryTransaction::ListTimeline(
    const TimelineFilter& filter) {
  std::vector<AuditRecord> page;
  for (const auto& [key, audit] : tables_.audit) {
    const bool belongs =
        audit.organisation_id == filter.organisation_id && audit.target_id == filter.account_id &&
        (!filter.start.has_value() || audit.time >= Stored(*filter.start)) &&
        (!filter.end.has_value() || audit.time < Stored(*filter.end)) &&
        (!filter.before.has_value() ||
         PlaceOf(audit) < std::tuple(Stored(filter.before->time), filter.before->sequence));
    if (belongs) page.push_back(audit);
  }
  std::sort(page.begin(), page.end(),
            [](const auto& a, const auto& b) { return PlaceOf(a) > PlaceOf(b); });
  CutToSize(page, filter.limit);
  return page;
}

absl::StatusOr<std::vector<RefusalRunRecord>> MemoryTransaction::ListRefusalRuns(
    const AccountId& id) {
  std::vector<RefusalRunRecord> runs;
  for (const auto& [key, run] : tables_.refusal_runs) {
    if (run.account_id == id) runs.push_back(run);
  }
  return runs;
}

absl::Status MemoryTransaction::PutRefusalRun(const RefusalRunRecord& run) {
  absl::Status status = CheckWrite({run.account_id.value(), run.action, run.cause, run.source});
  if (!status.ok()) return status;
  undo_.Put(tables_.refusal_runs, {run.account_id, run.action, run.cause}, Stored(run));
  return absl::OkStatus();
}

// --- Hygiene ---

absl::StatusOr<std::vector<AgedAccount>> MemoryTransaction::ListAged(const AgeingFilter& filter) {
  const bool counts_notices =
      filter.what == Ageing::kPasswords || filter.what == Ageing::kTemporaryPasswords;
  std::vector<AgedAccount> aged;
  for (const auto& [id, account] : tables_.accounts) {
    const std::optional<absl::Time> since = InstantOf(filter.what, account);
    if (!since.has_value() || *since > Stored(filter.until)) continue;
    if (counts_notices && *PasswordNotices(id) != filter.notices) continue;
    if (filter.from.has_value()) {
      const absl::Time from = Stored(*filter.from);
      const bool follows =
          *since > from || (*since == from && !filter.after_id.empty() && id > filter.after_id);
      if (!follows) continue;
    }
    aged.push_back({id, *since});
  }
  std::sort(aged.begin(), aged.end(), [](const auto& a, const auto& b) {
    return std::tie(a.since, a.id) < std::tie(b.since, b.id);
  });
  CutToSize(aged, filter.limit);
  return aged;
}

absl::Status MemoryTransaction::SettleStatus(const AccountId& id, v1::AccountStatus status,
                                             absl::Time since) {
  if (absl::Status writable = CheckWrite({}); !writable.ok()) return writable;
  absl::StatusOr<AccountRecord> account = FindAccount(id);
  if (!account.ok()) return absl::OkStatus();  // as a database changes no row
  account->status = status;
  account->status_changed_at = since;
  undo_.Put(tables_.accounts, id, Stored(*std::move(account)));
  return absl::OkStatus();
}

absl::StatusOr<int> MemoryTransaction::PasswordNotices(const AccountId& id) {
  if (!tables_.accounts.contains(id)) return absl::NotFoundError("no such row");
  const auto notices = tables_.password_notices.find(id);
  return notices == tables_.password_notices.end() ? 0 : notices->second;
}

absl::Status MemoryTransaction::NotePassword(const AccountId& id, int notices) {
  if (absl::Status writable = CheckWrite({}); !writable.ok()) return writable;
  if (tables_.accounts.contains(id)) undo_.Put(tables_.password_notices, id, notices);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::EraseAccount(const AccountId& id, absl::Time since) {
  if (absl::Status writable = CheckWrite({}); !writable.ok()) return writable;
  const absl::StatusOr<AccountRecord> account = FindAccount(id);
  if (!account.ok()) return account.status();
  if (account->username.empty()) return absl::OkStatus();
  const auto forget = [this]<typename Key, typename Value>(std::map<Key, Value>& table,
                                                           auto is_of_the_person) {
    std::vector<Key> keys;
    for (const auto& [key, row] : table) {
      if (is_of_the_person(key, row)) keys.push_back(key);
    }
    for (const Key& key : keys) undo_.Erase(table, key);
  };
  const std::string subject = absl::StrCat(kAccountSubject, id.value());
  const auto has_id = [&](const auto&, const auto& row) { return row.account_id == id; };
  forget(tables_.outbox, has_id);
  forget(tables_.replays, has_id);
  forget(tables_.refusal_runs, has_id);
  forget(tables_.authentication_methods, has_id);
  forget(tables_.proofs, has_id);
  forget(tables_.verifications, has_id);
  forget(tables_.code_events,
         [&](const auto& key, auto) { return std::get<0>(key) == id.value(); });
  forget(tables_.reservations, [&](const auto& key, auto) { return key.first == subject; });
  undo_.Erase(tables_.password_attempts, subject);
  undo_.Erase(tables_.password_history, id);
  undo_.Erase(tables_.secret_history, id);
  undo_.Erase(tables_.password_notices, id);
  undo_.Erase(tables_.recognitions, id);
  undo_.Erase(tables_.security_questions, id);
  undo_.Erase(tables_.accounts_by_username, account->username);
  undo_.Put(tables_.retired_usernames, account->username, id);
  undo_.Put(tables_.accounts, id, Stored(Erased(*account, since)));
  return absl::OkStatus();
}

}  // namespace gatehouse::storage
