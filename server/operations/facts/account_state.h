// What an account is at an instant, judged on read from the stored instants (product/domain.md,
// section 2): a sweep that never runs changes no answer. Pure functions of the record, the policy's
// parameters and the instant.
#ifndef GATEHOUSE_SERVER_OPERATIONS_FACTS_ACCOUNT_STATE_H_
#define GATEHOUSE_SERVER_OPERATIONS_FACTS_ACCOUNT_STATE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "gatehouse/v1/account.pb.h"
#include "policy/policy.h"
#include "storage/account_store.h"
#include "storage/records.h"

namespace gatehouse::server {

struct EffectiveStatus {
  v1::AccountStatus status = v1::ACCOUNT_STATUS_UNSPECIFIED;
  absl::Time since;
  // When the passing of time alone will change the status next; InfiniteFuture if it never will.
  absl::Time until = absl::InfiniteFuture();
};

EffectiveStatus StatusAt(const storage::AccountRecord& account, const policy::Policy& policy,
                         absl::Time now);

// What time alone has made of the account since it was stored, up to `now`, the earliest first;
// StatusAt is the last of these.
std::vector<EffectiveStatus> ChangesByTime(const storage::AccountRecord& account,
                                           const policy::Policy& policy, absl::Time now);

// The account as operations may see it: of one that is PURGED only what is left of it, whether a
// sweep has erased the rest already or not.
storage::AccountRecord AsSeen(storage::AccountRecord account, const policy::Policy& policy,
                              absl::Time now);
// NOT_FOUND also where the account of that name is PURGED.
absl::StatusOr<storage::AccountRecord> FindByUsername(storage::Transaction& transaction,
                                                      absl::string_view normalised,
                                                      const policy::Policy& policy, absl::Time now);

// Writes into the record what time has made of its status.
void SettleStatus(storage::AccountRecord& account, const policy::Policy& policy, absl::Time now);

// A temporary password that was not used in time opens nothing any more.
bool IsPasswordDead(const storage::AccountRecord& account, absl::Time now);

// What a person would say it is.
v1::AccountState StateAt(const storage::AccountRecord& account, const EffectiveStatus& effective);

bool HoldsRole(const storage::AccountRecord& account, v1::Role role);

// Whoever was exempt from hygiene by a role that is no longer held is judged from `now` on: what
// they did not do while nobody asked for it is not held against them.
void SetRoles(storage::AccountRecord& account, std::vector<storage::RoleGrantRecord> roles,
              absl::Time now);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_FACTS_ACCOUNT_STATE_H_
