// When people are reminded that their password is about to expire. Pure functions.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_PASSWORD_REMINDERS_H_
#define GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_PASSWORD_REMINDERS_H_

#include <array>

#include "absl/time/time.h"

#include "policy/policy.h"

namespace gatehouse::server {

inline constexpr int kPasswordReminders = 5;

// How long before a password expires each reminder is due, the first one first.
std::array<absl::Duration, kPasswordReminders> ReminderLeads(const policy::Policy& policy);

// How many reminders have fallen due, by `now`, of a password set at `changed_at`; 0 once it has
// expired, when signing in tells of it.
int RemindersDue(const policy::Policy& policy, absl::Time changed_at, absl::Time now);

// How many days are left, begun ones counted.
int DaysLeft(const policy::Policy& policy, absl::Time changed_at, absl::Time now);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ACCOUNTS_PASSWORD_REMINDERS_H_
