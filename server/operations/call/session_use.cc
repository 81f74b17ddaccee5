#include "server/operations/call/session_use.h"

#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

void NoteUse(const Dependencies& dependencies, const policy::Policy& policy,
             const storage::FoundSession& found, absl::Time now) {
  if (!dependencies.use_throttle.ShouldRecord(found, now)) return;
  const storage::SessionRecord& record = found.record;
  dependencies.sessions.RecordUse(record.key, now);
  if (record.level != v1::SESSION_LEVEL_FULL) return;
  if (!IsUseDue(policy, found.last_used_at, now)) return;
  const auto note = [&accounts = dependencies.accounts, id = record.key.account_id, now] {
    accounts
        .Transact([&](storage::Transaction& transaction) { return transaction.RecordUse(id, now); })
        .IgnoreError();
  };
  dependencies.background.Submit({.run = note, .on_dropped = [](absl::Status) {}}).IgnoreError();
}

bool IsUseDue(const policy::Policy& policy, absl::Time last, absl::Time now) {
  const absl::Duration interval = policy.Duration(policy::Parameter::kUseRecordInterval);
  return absl::Floor(now - absl::UnixEpoch(), interval) >
         absl::Floor(last - absl::UnixEpoch(), interval);
}

absl::Status RefreshAuthorisation(const Dependencies& dependencies,
                                  storage::SessionRecord& record) {
  return FromStore(dependencies.accounts.Read([&](storage::Transaction& transaction) {
    auto account = transaction.FindAccount(record.key.account_id);
    if (absl::IsNotFound(account.status())) return SessionInvalid();
    GATEHOUSE_RETURN_IF_ERROR(account.status());
    record.organisation_id = account->organisation_id;
    record.roles = account->roles;
    record.authorisation_version = account->authorisation_version;
    return absl::OkStatus();
  }));
}

}  // namespace gatehouse::server
