#include "server/operations/audit/timeline.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

#include "server/operations/accounts/hygiene.h"
#include "server/operations/audit/timeline_words.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/refusal_runs.h"
#include "server/operations/facts/account_state.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using storage::AuditRecord;
using storage::TimelinePlace;

TimelinePlace PlaceOf(const AuditRecord& audit) { return {audit.time, audit.sequence}; }

bool IsBefore(const TimelinePlace& a, const TimelinePlace& b) {
  return std::tie(a.time, a.sequence) < std::tie(b.time, b.sequence);
}

// Whether `earlier` belongs to the run of refusals that `later` is the first of, going back. One
// that locked the account was the last of its own run.
bool IsAlike(const AuditRecord& later, const AuditRecord& earlier) {
  const std::string cause = DetailOf(later, kRefusalCause);
  const v1::TimelineEventKind kind = KindOf(later);
  return (kind == v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED ||
          (kind == v1::TIMELINE_EVENT_KIND_REFUSAL && !cause.empty())) &&
         kind == KindOf(earlier) && later.action == earlier.action &&
         cause == DetailOf(earlier, kRefusalCause) && DetailOf(earlier, kRefusalLocked).empty() &&
         (cause != kWrongPassword ||
          DetailOf(later, kRefusalSource) == DetailOf(earlier, kRefusalSource));
}

}  // namespace

Timeline::Timeline(Scope& scope, TimelineQuestion question)
    : scope_(scope), question_(std::move(question)) {}

absl::StatusOr<std::vector<v1::TimelineEntry>> Timeline::Read(std::optional<TimelinePlace>& next) {
  GATEHOUSE_RETURN_IF_ERROR(ReadRuns());
  const auto size = static_cast<size_t>(question_.size);
  if (runs_.size() > size) {
    runs_.resize(size);
    next = runs_.back().first;
  }
  std::vector<v1::TimelineEntry> entries;
  for (const Run& run : runs_) {
    GATEHOUSE_ASSIGN_OR_RETURN(v1::TimelineEntry entry, Describe(run));
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Until there is one run more than asked for: only then the last one is known to be whole.
absl::Status Timeline::ReadRuns() {
  GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<Run> unwritten, Unwritten());
  auto next_unwritten = unwritten.begin();
  storage::TimelineFilter filter{.organisation_id = question_.account.organisation_id,
                                 .account_id = question_.account.id,
                                 .start = question_.start,
                                 .end = question_.end,
                                 .before = question_.before,
                                 .limit = question_.size + 1};
  for (bool more = true; more && runs_.size() <= static_cast<size_t>(question_.size);) {
    GATEHOUSE_ASSIGN_OR_RETURN(const std::vector<AuditRecord> part,
                               scope_.transaction().ListTimeline(filter));
    for (const AuditRecord& audit : part) {
      for (; next_unwritten != unwritten.end() &&
             IsBefore(PlaceOf(audit), PlaceOf(next_unwritten->audit));
           ++next_unwritten) {
        Add(*next_unwritten);
      }
      int further = 0;
      if (!absl::SimpleAtoi(DetailOf(audit, kRefusalFurther), &further)) further = 0;
      Add({.audit = audit, .count = 1 + further});
    }
    more = part.size() == static_cast<size_t>(filter.limit);
    if (more) filter.before = PlaceOf(part.back());
  }
  for (; next_unwritten != unwritten.end(); ++next_unwritten) Add(*next_unwritten);
  return absl::OkStatus();
}

void Timeline::Add(Run run) {
  run.first = PlaceOf(run.audit);
  if (runs_.empty() || !IsAlike(runs_.back().audit, run.audit)) {
    runs_.push_back(std::move(run));
    return;
  }
  runs_.back().count += run.count;
  runs_.back().first = run.first;
}

Timeline::Run Timeline::UnwrittenAt(absl::Time time) const {
  Run run;
  run.audit.organisation_id = question_.account.organisation_id;
  run.audit.target_id = question_.account.id;
  run.audit.time = time;
  return run;
}

absl::StatusOr<std::vector<Timeline::Run>> Timeline::Unwritten() {
  const storage::AccountRecord& account = question_.account;
  const absl::Time now = scope_.call().now;
  storage::Transaction& transaction = scope_.transaction();
  std::vector<Run> runs;
  for (const EffectiveStatus& change : ChangesByTime(account, scope_.policy(), now)) {
    Run& run = runs.emplace_back(UnwrittenAt(change.since));
    run.audit.caller = kHygieneCaller;
    run.audit.details[kHygieneStatus] =
        std::string(absl::StripPrefix(v1::AccountStatus_Name(change.status), "ACCOUNT_STATUS_"));
  }
  GATEHOUSE_ASSIGN_OR_RETURN(const int notices, transaction.PasswordNotices(account.id));
  if (notices == 0 && IsPasswordDead(account, now)) {
    Run& run = runs.emplace_back(UnwrittenAt(*account.password.temporary_until));
    run.audit.caller = kHygieneCaller;
    run.audit.details[kHygienePassword] = kDeadPassword;
  }
  GATEHOUSE_ASSIGN_OR_RETURN(const auto counted, transaction.ListRefusalRuns(account.id));
  const bool is_purged =
      StatusAt(account, scope_.policy(), now).status == v1::ACCOUNT_STATUS_PURGED;
  for (const storage::RefusalRunRecord& refusals : counted) {
    if (refusals.further == 0 || is_purged) continue;
    Run& run = runs.emplace_back(UnwrittenAt(refusals.last_at));
    run.count = static_cast<int>(refusals.further);
    run.audit.action = refusals.action;
    run.audit.outcome = v1::AUDIT_OUTCOME_DENIED;
    run.audit.details = {{kRefusalCause, refusals.cause}, {kRefusalSource, refusals.source}};
  }
  // Of the same instant each has its place, and comes after what was written then.
  for (size_t i = 0; i < runs.size(); ++i) runs[i].audit.sequence = -1 - static_cast<int64_t>(i);
  std::erase_if(runs, [this](const Run& run) { return !IsAskedFor(run); });
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
    return IsBefore(PlaceOf(b.audit), PlaceOf(a.audit));
  });
  return runs;
}

bool Timeline::IsAskedFor(const Run& run) const {
  const absl::Time time = run.audit.time;
  return (!question_.start.has_value() || time >= *question_.start) &&
         (!question_.end.has_value() || time < *question_.end) &&
         (!question_.before.has_value() || IsBefore(PlaceOf(run.audit), *question_.before));
}

absl::StatusOr<v1::TimelineEntry> Timeline::Describe(const Run& run) {
  const AuditRecord& audit = run.audit;
  const v1::AuditEvent event = ToMessage(audit);
  GATEHOUSE_ASSIGN_OR_RETURN(const std::string actor, NameOfActor(audit));
  v1::TimelineEntry entry;
  *entry.mutable_time() = event.time();
  entry.set_kind(KindOf(audit));
  entry.set_action(event.action());
  entry.set_message(WordsFor(audit, run.count, actor));
  entry.set_actor_account_id(event.actor_account_id());
  if (audit.caller != kHygieneCaller) entry.set_caller(audit.caller);
  if (!question_.own || entry.kind() == v1::TIMELINE_EVENT_KIND_SIGN_IN) {
    entry.set_ip_address(DetailOf(audit, kRefusalSource));
  }
  *entry.mutable_reasons() = event.reasons();
  entry.set_count(run.count);
  entry.set_audit_sequence(std::max<int64_t>(audit.sequence, 0));
  return entry;
}

absl::StatusOr<std::string> Timeline::NameOfActor(const AuditRecord& audit) {
  if (audit.actor_id.empty() || audit.actor_id == audit.target_id) return "";
  const auto [name, is_new] = names_.try_emplace(audit.actor_id);
  if (!is_new) return name->second;
  const auto actor = scope_.transaction().FindAccount(audit.actor_id);
  if (!actor.ok() && !absl::IsNotFound(actor.status())) return actor.status();
  // Whoever is gone is still told apart by the id in the entry.
  const std::string username =
      actor.ok() ? AsSeen(*actor, scope_.policy(), scope_.call().now).username : "";
  name->second = username.empty() ? "somebody who is gone" : username;
  return name->second;
}

}  // namespace gatehouse::server
