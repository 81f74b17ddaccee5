// What is left of an account whose person has been erased: enough to keep its id from being given
// out again and its audit log readable, and nothing personal. Every store erases to this, and what
// is judged PURGED before a store has erased it is read as this. Pure.
#ifndef GATEHOUSE_STORAGE_ERASURE_H_
#define GATEHOUSE_STORAGE_ERASURE_H_

#include "absl/time/time.h"

#include "storage/records.h"

namespace gatehouse::storage {

// `since`: from when on it is PURGED.
inline AccountRecord Erased(const AccountRecord& account, absl::Time since) {
  AccountRecord left;
  left.id = account.id;
  left.organisation_id = account.organisation_id;
  left.status = v1::ACCOUNT_STATUS_PURGED;
  left.status_changed_at = since;
  left.created_at = account.created_at;
  left.joined_at = account.joined_at;
  left.password.version = account.password.version;
  left.password.changed_at = account.password.changed_at;
  left.secret.version = account.secret.version;
  left.epoch = account.epoch;
  left.authorisation_version = account.authorisation_version;
  left.row_version = account.row_version;
  return left;
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_ERASURE_H_
