// What making an account is, for one by itself and for those that come in bulk. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_NEW_ACCOUNT_H_
#define GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_NEW_ACCOUNT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "gatehouse/v1/account.pb.h"
#include "server/operations/call/mutation_scope.h"
#include "server/runtime/outbox/notification_kind.h"
#include "storage/identifiers.h"
#include "storage/records.h"

namespace gatehouse::server {

// Asks the policy whether accounts may be made in the organisation, and has the log of it tell.
absl::Status DecideNewAccounts(MutationScope& scope, const storage::OrganisationId& organisation);

struct NewAccount {
  storage::AccountId id;
  storage::OrganisationId organisation_id;
  std::string username;  // normalised
  v1::Profile profile;
};

// PENDING, with nothing else yet.
storage::AccountRecord ToRecord(const NewAccount& account, absl::Time now);

// ALREADY_EXISTS / USERNAME_TAKEN, and what is it.
absl::Status UsernameTaken();
bool IsUsernameTaken(const absl::Status& status);

// Stores it, and lets the person, in the words of `kind`, and the directories know. `message_id` is
// drawn outside the transaction. UsernameTaken, and nothing is stored; anything else breaks the
// transaction.
absl::Status InsertNewAccount(MutationScope& scope, const storage::AccountRecord& account,
                              const std::string& message_id, NotificationKind kind);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_NEW_ACCOUNT_H_
