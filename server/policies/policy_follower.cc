#include "server/policies/policy_follower.h"

#include <utility>

#include "server/policies/policy_text.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

PolicyFollower::PolicyFollower(const Parts& parts)
    : parts_(parts),
      switches_total_(parts.metrics.ForCounter("gatehouse_policy_switches_total",
                                               "How often another policy came into force here.")),
      failed_reloads_total_(parts.metrics.ForCounter(
          "gatehouse_policy_failed_reloads_total",
          "How often the file at hand was read again and could not take effect.")) {}

absl::Status PolicyFollower::Follow(const storage::RevocationHead& head) {
  if (head.policy_position == position_) return absl::OkStatus();
  GATEHOUSE_ASSIGN_OR_RETURN(const Stored stored, Read());
  const std::string before = parts_.policies.Get()->revision().ToString();
  if (!stored.state.active.empty() && stored.state.active != before) {
    GATEHOUSE_ASSIGN_OR_RETURN(PolicyPtr policy, Compile(stored.active));
    parts_.policies.Exchange(std::move(policy));
    switches_total_.Increment();
    parts_.log.Info("policy_switched", {{"revision", stored.state.active}, {"before", before}});
  }
  TakeOverShadow(stored.shadow);
  position_ = head.policy_position;
  return absl::OkStatus();
}

absl::StatusOr<PolicyFollower::Stored> PolicyFollower::Read() const {
  Stored stored;
  GATEHOUSE_RETURN_IF_ERROR(
      parts_.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
        stored = {};
        GATEHOUSE_ASSIGN_OR_RETURN(stored.state, transaction.ReadPolicyState());
        if (!stored.state.active.empty()) {
          GATEHOUSE_ASSIGN_OR_RETURN(stored.active,
                                     transaction.FindPolicyRevision(stored.state.active));
        }
        if (!stored.state.shadow.empty()) {
          GATEHOUSE_ASSIGN_OR_RETURN(stored.shadow,
                                     transaction.FindPolicyRevision(stored.state.shadow));
        }
        return absl::OkStatus();
      }));
  return stored;
}

absl::StatusOr<PolicyFollower::PolicyPtr> PolicyFollower::Compile(
    const storage::PolicyRevisionRecord& revision) const {
  {
    const std::lock_guard lock(mutex_);
    if (expected_ != nullptr && expected_->revision().ToString() == revision.revision) {
      return expected_;
    }
  }
  return CompileRevision(revision);
}

// What goes wrong with it is told and changes nothing: nothing rests on it.
void PolicyFollower::TakeOverShadow(const storage::PolicyRevisionRecord& revision) {
  const PolicyPtr present = parts_.journal.shadow();
  const std::string before = present == nullptr ? "" : present->revision().ToString();
  if (revision.revision == before) return;
  PolicyPtr shadow;
  if (!revision.revision.empty()) {
    absl::StatusOr<PolicyPtr> compiled = Compile(revision);
    if (compiled.ok()) {
      shadow = *std::move(compiled);
    } else {
      parts_.log.Warning("policy_shadow_not_understood", {{"cause", compiled.status().message()}});
    }
  }
  parts_.journal.SetShadow(std::move(shadow));
  parts_.log.Info("policy_shadow_changed", {{"revision", revision.revision}, {"before", before}});
}

void PolicyFollower::Expect(PolicyPtr policy) {
  const std::lock_guard lock(mutex_);
  expected_ = std::move(policy);
}

void PolicyFollower::NoteReload(PolicyReload reload) {
  if (!reload.outcome.ok()) failed_reloads_total_.Increment();
  const std::lock_guard lock(mutex_);
  last_reload_ = std::move(reload);
}

std::optional<PolicyReload> PolicyFollower::last_reload() const {
  const std::lock_guard lock(mutex_);
  return last_reload_;
}

absl::Status PolicyFollower::CheckReload() const {
  const std::lock_guard lock(mutex_);
  return last_reload_.has_value() ? last_reload_->outcome : absl::OkStatus();
}

}  // namespace gatehouse::server
