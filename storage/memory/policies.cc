// Policies: their texts, and which of them decide.
#include <algorithm>
#include <utility>

#include "storage/memory/account_transaction.h"
#include "storage/memory/precision.h"

namespace gatehouse::storage {

absl::StatusOr<PolicyRevisionRecord> MemoryTransaction::FindPolicyRevision(
    absl::string_view revision) {
  const auto row = tables_.policy_revisions.find(std::string(revision));
  if (row == tables_.policy_revisions.end()) return absl::NotFoundError("no such row");
  return row->second;
}

absl::StatusOr<std::vector<PolicyRevisionRecord>> MemoryTransaction::ListPolicyRevisions(
    std::int64_t before_activation, int limit) {
  std::vector<PolicyRevisionRecord> page;
  for (const auto& [revision, row] : tables_.policy_revisions) {
    if (row.activation == 0) continue;
    if (before_activation != 0 && row.activation >= before_activation) continue;
    page.push_back(row);
    page.back().text.clear();
  }
  std::ranges::sort(page, std::ranges::greater(), &PolicyRevisionRecord::activation);
  page.resize(std::min(page.size(), static_cast<std::size_t>(limit)));
  return page;
}

absl::Status MemoryTransaction::SavePolicyRevision(const PolicyRevisionRecord& revision) {
  absl::Status status = CheckWrite({revision.revision, revision.text, revision.actor_id.value(),
                                    revision.reason, revision.diff_digest});
  if (!status.ok()) return status;
  PolicyRevisionRecord saved = Stored(revision);
  saved.activation = 0;
  if (saved.activated_at.has_value()) {
    for (const auto& [other, row] : tables_.policy_revisions) {
      saved.activation = std::max(saved.activation, row.activation);
    }
    ++saved.activation;
  } else if (tables_.policy_revisions.contains(saved.revision)) {
    return absl::OkStatus();
  }
  undo_.Put(tables_.policy_revisions, revision.revision, std::move(saved));
  return absl::OkStatus();
}

absl::StatusOr<PolicyStateRecord> MemoryTransaction::ReadPolicyState() {
  return tables_.policy_state;
}

absl::StatusOr<std::int64_t> MemoryTransaction::ChangePolicyState(const PolicyStateRecord& state) {
  if (mode_ != Mode::kRevoking) {
    return absl::FailedPreconditionError("policies change by TransactRevoking alone");
  }
  absl::Status status = CheckWrite({state.active, state.shadow});
  if (!status.ok()) return status;
  undo_.Set(tables_.policy_state, Stored(state));
  RevocationHead head = tables_.revocation_head;
  head.policy_position = ++head.position;
  const std::int64_t position = head.position;
  undo_.Set(tables_.revocation_head, std::move(head));
  return position;
}

}  // namespace gatehouse::storage
