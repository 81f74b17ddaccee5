#include "server/operations/facts/account_state.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/erasure.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;

struct Transition {
  v1::AccountStatus to = v1::ACCOUNT_STATUS_UNSPECIFIED;
  absl::Time at = absl::InfiniteFuture();
};

// Holders of these never fade away: someone must be able to help everybody else. Whoever was
// disabled or deleted helps nobody, and goes as others do.
bool IsExemptFromHygiene(const storage::AccountRecord& account, v1::AccountStatus status) {
  const bool is_in_use = status == v1::ACCOUNT_STATUS_PENDING ||
                         status == v1::ACCOUNT_STATUS_ACTIVE ||
                         status == v1::ACCOUNT_STATUS_INACTIVE;
  return is_in_use &&
         (HoldsRole(account, v1::ROLE_OPERATOR) || HoldsRole(account, v1::ROLE_NATIONAL_ADMIN));
}

// What time alone makes of an account that has been `status` since `since`, were it no leaver.
Transition NextOfStatus(const storage::AccountRecord& account, const policy::Policy& policy,
                        v1::AccountStatus status, absl::Time since) {
  switch (status) {
    case v1::ACCOUNT_STATUS_PENDING:
      return {v1::ACCOUNT_STATUS_INACTIVE,
              since + policy.Duration(Parameter::kPendingInactiveAfter)};
    case v1::ACCOUNT_STATUS_ACTIVE:
      return {v1::ACCOUNT_STATUS_INACTIVE, std::max(since, account.last_used_at.value_or(since)) +
                                               policy.Duration(Parameter::kInactiveAfter)};
    case v1::ACCOUNT_STATUS_INACTIVE:
      return {v1::ACCOUNT_STATUS_DELETED,
              since + policy.Duration(Parameter::kInactiveDeletedAfter)};
    case v1::ACCOUNT_STATUS_DISABLED:
      return {v1::ACCOUNT_STATUS_DELETED,
              since + policy.Duration(Parameter::kDisabledDeletedAfter)};
    case v1::ACCOUNT_STATUS_DELETED:
      return {v1::ACCOUNT_STATUS_PURGED, since + policy.Duration(Parameter::kRestorePeriod)};
    default:
      return {};
  }
}

// A leaver whom nobody joins in time is deleted, whatever the account was until then.
Transition LeaverTransition(const storage::AccountRecord& account, const policy::Policy& policy) {
  if (!account.leaver_at.has_value()) return {};
  return {v1::ACCOUNT_STATUS_DELETED,
          *account.leaver_at + policy.Duration(Parameter::kLeaverPeriod)};
}

EffectiveStatus AsStored(const storage::AccountRecord& account) {
  return {.status = account.status, .since = account.status_changed_at};
}

// What comes after `effective` by time alone; at the end of time where nothing does.
Transition NextTransition(const storage::AccountRecord& account, const policy::Policy& policy,
                          const EffectiveStatus& effective) {
  if (IsExemptFromHygiene(account, effective.status)) return {};
  const Transition next = NextOfStatus(account, policy, effective.status, effective.since);
  const bool is_alive = effective.status != v1::ACCOUNT_STATUS_DELETED &&
                        effective.status != v1::ACCOUNT_STATUS_PURGED;
  const Transition leaving = is_alive ? LeaverTransition(account, policy) : Transition();
  return leaving.at < next.at ? leaving : next;
}

}  // namespace

EffectiveStatus StatusAt(const storage::AccountRecord& account, const policy::Policy& policy,
                         absl::Time now) {
  EffectiveStatus effective = AsStored(account);
  Transition next = NextTransition(account, policy, effective);
  for (; next.at <= now; next = NextTransition(account, policy, effective)) {
    effective = {.status = next.to, .since = next.at};
  }
  effective.until = next.at;
  return effective;
}

std::vector<EffectiveStatus> ChangesByTime(const storage::AccountRecord& account,
                                           const policy::Policy& policy, absl::Time now) {
  std::vector<EffectiveStatus> changes;
  EffectiveStatus effective = AsStored(account);
  for (Transition next = NextTransition(account, policy, effective); next.at <= now;
       next = NextTransition(account, policy, effective)) {
    effective = {.status = next.to, .since = next.at};
    changes.push_back(effective);
  }
  return changes;
}

storage::AccountRecord AsSeen(storage::AccountRecord account, const policy::Policy& policy,
                              absl::Time now) {
  const EffectiveStatus effective = StatusAt(account, policy, now);
  if (effective.status != v1::ACCOUNT_STATUS_PURGED) return account;
  return storage::Erased(account, effective.since);
}

absl::StatusOr<storage::AccountRecord> FindByUsername(storage::Transaction& transaction,
                                                      absl::string_view normalised,
                                                      const policy::Policy& policy,
                                                      absl::Time now) {
  auto account = transaction.FindAccountByUsername(normalised);
  if (account.ok() && StatusAt(*account, policy, now).status == v1::ACCOUNT_STATUS_PURGED) {
    return absl::NotFoundError("the account is purged");
  }
  return account;
}

void SettleStatus(storage::AccountRecord& account, const policy::Policy& policy, absl::Time now) {
  const EffectiveStatus effective = StatusAt(account, policy, now);
  account.status = effective.status;
  account.status_changed_at = effective.since;
}

bool IsPasswordDead(const storage::AccountRecord& account, absl::Time now) {
  return account.password.temporary_until.has_value() && *account.password.temporary_until <= now;
}

v1::AccountState StateAt(const storage::AccountRecord& account, const EffectiveStatus& effective) {
  switch (effective.status) {
    case v1::ACCOUNT_STATUS_DISABLED:
      return v1::ACCOUNT_STATE_DISABLED;
    case v1::ACCOUNT_STATUS_DELETED:
      return v1::ACCOUNT_STATE_DELETED;
    case v1::ACCOUNT_STATUS_PURGED:
      return v1::ACCOUNT_STATE_PURGED;
    default:
      break;
  }
  if (account.locked_at.has_value()) return v1::ACCOUNT_STATE_LOCKED;
  if (account.leaver_at.has_value()) return v1::ACCOUNT_STATE_LEAVER;
  switch (effective.status) {
    case v1::ACCOUNT_STATUS_PENDING:
      return v1::ACCOUNT_STATE_PENDING;
    case v1::ACCOUNT_STATUS_ACTIVE:
      return v1::ACCOUNT_STATE_ACTIVE;
    case v1::ACCOUNT_STATUS_INACTIVE:
      return v1::ACCOUNT_STATE_INACTIVE;
    default:
      return v1::ACCOUNT_STATE_UNSPECIFIED;
  }
}

bool HoldsRole(const storage::AccountRecord& account, v1::Role role) {
  return std::any_of(account.roles.begin(), account.roles.end(),
                     [role](const storage::RoleGrantRecord& grant) { return grant.role == role; });
}

void SetRoles(storage::AccountRecord& account, std::vector<storage::RoleGrantRecord> roles,
              absl::Time now) {
  const bool was_exempt = IsExemptFromHygiene(account, account.status);
  account.roles = std::move(roles);
  if (was_exempt && !IsExemptFromHygiene(account, account.status)) account.status_changed_at = now;
}

}  // namespace gatehouse::server
