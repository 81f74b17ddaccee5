#include "server/operations/accounts/hygiene.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "server/operations/accounts/password_reminders.h"
#include "server/operations/call/audit_trail.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/call/scope.h"
#include "server/operations/call_context.h"
#include "server/operations/facts/account_state.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/token.h"

namespace gatehouse::server {
namespace {

using policy::Parameter;
using storage::AccountRecord;
using storage::AgedAccount;
using storage::Ageing;
using storage::AgeingFilter;

// Statuses, and how long time leaves them alone at least.
struct StatusSweep {
  Ageing what;
  Parameter period;
};
constexpr StatusSweep kStatusSweeps[] = {{Ageing::kPending, Parameter::kPendingInactiveAfter},
                                         {Ageing::kActive, Parameter::kInactiveAfter},
                                         {Ageing::kInactive, Parameter::kInactiveDeletedAfter},
                                         {Ageing::kDisabled, Parameter::kDisabledDeletedAfter},
                                         {Ageing::kDeleted, Parameter::kRestorePeriod},
                                         {Ageing::kLeavers, Parameter::kLeaverPeriod}};

// One sweep.
class AccountSweep {
 public:
  AccountSweep(const Hygiene& hygiene, absl::Time now, absl::FunctionRef<bool()> stopping)
      : hygiene_(hygiene), policy_(hygiene.policies.Get()), stopping_(stopping) {
    call_.now = now;
    call_.deadline = absl::InfiniteFuture();
    call_.caller = kHygieneCaller;
  }

  absl::Status Run() {
    for (const auto [what, period] : kStatusSweeps) {
      const absl::Time until = call_.now - hygiene_.margin - policy_->Duration(period);
      GATEHOUSE_RETURN_IF_ERROR(
          Walk({.what = what, .until = until}, "status", &AccountSweep::WriteStatus));
    }
    GATEHOUSE_RETURN_IF_ERROR(Walk({.what = Ageing::kTemporaryPasswords, .until = call_.now},
                                   "temporary_password", &AccountSweep::NoteDeadPassword));
    const absl::Duration age = policy_->Duration(Parameter::kPasswordMaxAge);
    const auto leads = ReminderLeads(*policy_);
    for (int given = 0; given < kPasswordReminders; ++given) {
      const AgeingFilter expiring{.what = Ageing::kPasswords,
                                  .notices = given,
                                  .from = call_.now - age,
                                  .until = call_.now - age + leads[static_cast<size_t>(given)]};
      GATEHOUSE_RETURN_IF_ERROR(Walk(expiring, "reminder", &AccountSweep::Remind));
    }
    return absl::OkStatus();
  }

 private:
  // True if there was something to do. `id`: of what it has to tell.
  using Step = absl::StatusOr<bool> (AccountSweep::*)(Scope&, AccountRecord&,
                                                      const std::string& id);

  absl::Status Walk(AgeingFilter filter, absl::string_view kind, Step step) {
    Counter& done = hygiene_.metrics.ForCounter(
        "gatehouse_hygiene_total", "What time made of accounts and was written down, by kind.",
        {{"kind", std::string(kind)}});
    filter.limit = hygiene_.accounts_at_once;
    for (bool more = true; more && !stopping_();) {
      GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<AgedAccount> part, List(filter));
      more = part.size() == static_cast<size_t>(filter.limit);
      if (part.empty()) break;
      filter.from = part.back().since;
      filter.after_id = part.back().id;
      GATEHOUSE_ASSIGN_OR_RETURN(const int count, Do(part, step));
      done.Increment(static_cast<uint64_t>(count));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<AgedAccount>> List(const AgeingFilter& filter) const {
    std::vector<AgedAccount> part;
    GATEHOUSE_RETURN_IF_ERROR(
        hygiene_.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
          GATEHOUSE_ASSIGN_OR_RETURN(part, transaction.ListAged(filter));
          return absl::OkStatus();
        }));
    return part;
  }

  // Each account is read and judged again: somebody may have come in between.
  absl::StatusOr<int> Do(const std::vector<AgedAccount>& part, Step step) {
    std::vector<std::string> ids;
    for (size_t i = 0; i < part.size(); ++i) ids.push_back(NewId(hygiene_.entropy));
    int count = 0;
    GATEHOUSE_RETURN_IF_ERROR(
        hygiene_.accounts.Transact([&](storage::Transaction& transaction) -> absl::Status {
          count = 0;
          Scope scope(transaction, call_, *policy_, hygiene_.decision_journal,
                      policy::Action::UNSPECIFIED);
          for (size_t i = 0; i < part.size(); ++i) {
            GATEHOUSE_ASSIGN_OR_RETURN(AccountRecord account, transaction.FindAccount(part[i].id));
            GATEHOUSE_ASSIGN_OR_RETURN(const bool done, (this->*step)(scope, account, ids[i]));
            if (done) ++count;
          }
          return absl::OkStatus();
        }));
    return count;
  }

  // --- The steps ---

  absl::StatusOr<bool> WriteStatus(Scope& scope, AccountRecord& account, const std::string& id) {
    const std::vector<EffectiveStatus> changes =
        ChangesByTime(account, *policy_, call_.now - hygiene_.margin);
    if (changes.empty()) return false;
    for (const auto& [status, since, until] : changes) {
      const absl::string_view word =
          absl::StripPrefix(v1::AccountStatus_Name(status), "ACCOUNT_STATUS_");
      GATEHOUSE_RETURN_IF_ERROR(
          Audit(scope, account, since, {{kHygieneStatus, std::string(word)}}));
    }
    storage::Transaction& transaction = scope.transaction();
    const auto& [status, since, until] = changes.back();
    GATEHOUSE_RETURN_IF_ERROR(status == v1::ACCOUNT_STATUS_PURGED
                                  ? transaction.EraseAccount(account.id, since)
                                  : transaction.SettleStatus(account.id, status, since));
    GATEHOUSE_ASSIGN_OR_RETURN(account, transaction.FindAccount(account.id));
    GATEHOUSE_RETURN_IF_ERROR(TellDirectories(scope, id, account));
    return true;
  }

  absl::StatusOr<bool> NoteDeadPassword(Scope& scope, AccountRecord& account,
                                        const std::string& id) {
    GATEHOUSE_ASSIGN_OR_RETURN(const int given, scope.transaction().PasswordNotices(account.id));
    if (given > 0 || !IsPasswordDead(account, call_.now)) return false;
    GATEHOUSE_RETURN_IF_ERROR(Audit(scope, account, *account.password.temporary_until,
                                    {{kHygienePassword, kDeadPassword}}));
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().NotePassword(account.id, 1));
    GATEHOUSE_RETURN_IF_ERROR(TellDirectories(scope, id, account));
    return true;
  }

  // The nearest reminder alone, however many were missed. Whoever cannot sign in now is asked about
  // again by the next sweep.
  absl::StatusOr<bool> Remind(Scope& scope, AccountRecord& account, const std::string& id) {
    const absl::Time changed_at = account.password.changed_at;
    const int due = RemindersDue(*policy_, changed_at, call_.now);
    GATEHOUSE_ASSIGN_OR_RETURN(const int given, scope.transaction().PasswordNotices(account.id));
    if (due <= given || account.password.temporary_until.has_value()) return false;
    GATEHOUSE_ASSIGN_OR_RETURN(const policy::Decision sign_in, scope.DecideSignIn(account));
    if (!sign_in.allowed || account.locked_at.has_value()) return false;
    GATEHOUSE_RETURN_IF_ERROR(
        Notify(scope, id, account, NotificationKind::kPasswordExpiring,
               {{"days", absl::StrCat(DaysLeft(*policy_, changed_at, call_.now))}}));
    GATEHOUSE_RETURN_IF_ERROR(scope.transaction().NotePassword(account.id, due));
    return true;
  }

  absl::Status Audit(Scope& scope, const AccountRecord& account, absl::Time at,
                     std::map<std::string, std::string> details) {
    return AppendAudit(scope.transaction(), {.organisation_id = account.organisation_id,
                                             .time = at,
                                             .caller = kHygieneCaller,
                                             .target_id = account.id,
                                             .outcome = v1::AUDIT_OUTCOME_SUCCEEDED,
                                             .policy_revision = policy_->revision().ToString(),
                                             .details = std::move(details)});
  }

  const Hygiene& hygiene_;
  const std::shared_ptr<const policy::Policy> policy_;
  const absl::FunctionRef<bool()> stopping_;
  CallContext call_;
};

}  // namespace

absl::Status SweepAccounts(const Hygiene& hygiene, absl::Time now,
                           absl::FunctionRef<bool()> stopping) {
  return AccountSweep(hygiene, now, stopping).Run();
}

}  // namespace gatehouse::server
