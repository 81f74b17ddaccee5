#include "server/operations/accounts/password_reminders.h"

#include <algorithm>
#include <functional>

namespace gatehouse::server {
namespace {

using policy::Parameter;

absl::Duration TimeLeft(const policy::Policy& policy, absl::Time changed_at, absl::Time now) {
  return changed_at + policy.Duration(Parameter::kPasswordMaxAge) - now;
}

}  // namespace

std::array<absl::Duration, kPasswordReminders> ReminderLeads(const policy::Policy& policy) {
  std::array leads = {policy.Duration(Parameter::kPasswordFirstReminder),
                      policy.Duration(Parameter::kPasswordSecondReminder),
                      policy.Duration(Parameter::kPasswordThirdReminder),
                      policy.Duration(Parameter::kPasswordFourthReminder),
                      policy.Duration(Parameter::kPasswordLastReminder)};
  std::sort(leads.begin(), leads.end(), std::greater<>());
  return leads;
}

int RemindersDue(const policy::Policy& policy, absl::Time changed_at, absl::Time now) {
  const absl::Duration left = TimeLeft(policy, changed_at, now);
  if (left <= absl::ZeroDuration()) return 0;
  const auto leads = ReminderLeads(policy);
  return static_cast<int>(std::count_if(leads.begin(), leads.end(),
                                        [left](absl::Duration lead) { return left <= lead; }));
}

int DaysLeft(const policy::Policy& policy, absl::Time changed_at, absl::Time now) {
  constexpr absl::Duration kDay = absl::Hours(24);
  return static_cast<int>(absl::Ceil(TimeLeft(policy, changed_at, now), kDay) / kDay);
}

}  // namespace gatehouse::server
