#include "storage/memory/session_store.h"

#include <algorithm>
#include <utility>

namespace gatehouse::storage {
namespace {

// As Redis keeps it: instants to the microsecond, rounded down.
absl::Time ToMicrosecond(absl::Time at) { return absl::FromUnixMicros(absl::ToUnixMicros(at)); }

}  // namespace

absl::Status MemorySessionStore::CheckHere() const {
  return away_ ? absl::UnavailableError("the session store is away") : absl::OkStatus();
}

absl::StatusOr<FoundSession> MemorySessionStore::FindLocked(const SessionKey& key) const {
  if (absl::Status status = CheckHere(); !status.ok()) return status;
  if (const auto account = accounts_.find(key.account_id); account != accounts_.end()) {
    if (const auto entry = account->second.find(key.digest); entry != account->second.end()) {
      return entry->second.session;
    }
  }
  return absl::NotFoundError("no such session");
}

void MemorySessionStore::Find(const SessionKey& key, absl::Time, FindCallback done) {
  absl::StatusOr<FoundSession> found = [&] {
    const std::lock_guard lock(mutex_);
    return FindLocked(key);
  }();
  done(std::move(found));
}

void MemorySessionStore::FindAll(std::vector<SessionKey> keys, absl::Time, FindAllCallback done) {
  std::vector<absl::StatusOr<FoundSession>> found;
  {
    const std::lock_guard lock(mutex_);
    for (const SessionKey& key : keys) found.push_back(FindLocked(key));
  }
  done(std::move(found));
}

absl::Status MemorySessionStore::Put(const SessionRecord& session, const ClientRecord& client,
                                     absl::Time) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = CheckHere(); !status.ok()) return status;
  ListedSession listed{.session = {.record = session, .last_used_at = {}}, .client = client};
  SessionRecord& record = listed.session.record;
  record.created_at = ToMicrosecond(record.created_at);
  record.expires_at = ToMicrosecond(record.expires_at);
  record.idle_timeout = absl::Floor(record.idle_timeout, absl::Microseconds(1));
  if (record.expires_at <= record.created_at || record.level == v1::SESSION_LEVEL_UNSPECIFIED) {
    return absl::InvalidArgumentError("this cannot be a session");
  }
  listed.session.last_used_at = record.created_at;
  accounts_[record.key.account_id].insert_or_assign(record.key.digest, std::move(listed));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ListedSession>> MemorySessionStore::List(const AccountId& account_id,
                                                                    absl::Time) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = CheckHere(); !status.ok()) return status;
  std::vector<ListedSession> sessions;
  if (const auto account = accounts_.find(account_id); account != accounts_.end()) {
    for (const auto& [digest, listed] : account->second) sessions.push_back(listed);
  }
  std::stable_sort(sessions.begin(), sessions.end(),
                   [](const ListedSession& a, const ListedSession& b) {
                     return a.session.record.created_at < b.session.record.created_at;
                   });
  return sessions;
}

absl::StatusOr<int> MemorySessionStore::Remove(const SessionKey& key, absl::Time) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = CheckHere(); !status.ok()) return status;
  const auto account = accounts_.find(key.account_id);
  return account == accounts_.end() ? 0 : static_cast<int>(account->second.erase(key.digest));
}

absl::StatusOr<int> MemorySessionStore::RemoveBelow(const AccountId& account_id,
                                                    std::int64_t min_epoch,
                                                    const std::optional<SessionDigest>& except,
                                                    absl::Time) {
  const std::lock_guard lock(mutex_);
  if (absl::Status status = CheckHere(); !status.ok()) return status;
  const auto account = accounts_.find(account_id);
  if (account == accounts_.end()) return 0;
  return static_cast<int>(std::erase_if(account->second, [&](const auto& entry) {
    return entry.second.session.record.epoch < min_epoch && entry.first != except;
  }));
}

void MemorySessionStore::RecordUse(const SessionKey& key, absl::Time at) {
  const std::lock_guard lock(mutex_);
  if (away_) return;
  const auto account = accounts_.find(key.account_id);
  if (account == accounts_.end()) return;
  const auto entry = account->second.find(key.digest);
  if (entry == account->second.end()) return;
  absl::Time& last_used_at = entry->second.session.last_used_at;
  last_used_at = std::max(last_used_at, absl::FromUnixSeconds(absl::ToUnixSeconds(at)));
}

absl::Status MemorySessionStore::CheckHealth() {
  const std::lock_guard lock(mutex_);
  return CheckHere();
}

void MemorySessionStore::SetAway(bool away) {
  const std::lock_guard lock(mutex_);
  away_ = away;
}

}  // namespace gatehouse::storage
