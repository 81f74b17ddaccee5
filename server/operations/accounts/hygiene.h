// What time has made of accounts, written down: statuses that are judged on read anyway, people who
// are PURGED erased, temporary passwords that died noted, and people reminded of passwords that are
// about to expire (product/domain.md, section 2). A sweep tidies: whether one runs or not, every
// call is answered alike, and no session that it could revoke has outlived what it writes down.
//
// Finds accounts by the instants they are indexed by, and changes a few in a transaction, so that
// nobody waits long behind one. Each change is an audit event of the caller `hygiene`, of the
// instant at which time made it, and is told to directories. Thread-safe; of several sweeps at once
// each finds done what another has done.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_HYGIENE_H_
#define GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_HYGIENE_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "policy/policy_holder.h"
#include "server/policies/decision_journal.h"
#include "server/runtime/entropy.h"
#include "server/runtime/metrics.h"
#include "storage/account_store.h"

namespace gatehouse::server {

// Who audit events of the server itself are by.
inline constexpr char kHygieneCaller[] = "hygiene";

// What these audit events tell: the status that an account has by time alone, or that its temporary
// password is dead.
inline constexpr char kHygieneStatus[] = "status";
inline constexpr char kHygienePassword[] = "temporary_password";
inline constexpr char kDeadPassword[] = "dead";

struct Hygiene {
  storage::AccountStore& accounts;
  const policy::PolicyHolder& policies;
  DecisionJournal& decision_journal;
  Entropy& entropy;
  Metrics& metrics;  // gatehouse_hygiene_total{kind}
  // A status is written down, and a person erased, only so long after it was due: what a clock that
  // is a day ahead takes for old must still be there when the clock is put right.
  absl::Duration margin = absl::Hours(25);
  int accounts_at_once = 50;  // in one transaction
};

// One sweep at `now`. Ends early, with OK, once `stopping` says so; an error is the store's, and
// what was done until then stays done.
absl::Status SweepAccounts(const Hygiene& hygiene, absl::Time now,
                           absl::FunctionRef<bool()> stopping);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_HYGIENE_H_
