// Policies: their texts, and which of them decide.
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

constexpr int kRevisionColumns = 7;

PolicyRevisionRecord ReadRevision(Row& row) {
  PolicyRevisionRecord revision;
  revision.revision = row.Text();
  revision.text = row.Text();
  revision.activation = row.Integer();
  revision.activated_at = row.OptionalInstant();
  revision.actor_id = AccountId(row.Text());
  revision.reason = row.Text();
  revision.diff_digest = row.Text();
  return revision;
}

}  // namespace

absl::StatusOr<PolicyRevisionRecord> SqlTransaction::FindPolicyRevision(
    absl::string_view revision) {
  return QueryOne({"SELECT revision, text, activation, activated_at, actor_id, reason, diff_digest "
                   "FROM policy_revisions WHERE revision = :revision",
                   kRevisionColumns},
                  {revision}, ReadRevision);
}

absl::StatusOr<std::vector<PolicyRevisionRecord>> SqlTransaction::ListPolicyRevisions(
    std::int64_t before_activation, int limit) {
  return QueryAll({"SELECT revision, '', activation, activated_at, actor_id, reason, diff_digest "
                   "FROM policy_revisions WHERE activation > 0 "
                   "AND (activation < :before OR :from_the_start = 1) "
                   "ORDER BY activation DESC LIMIT :most",
                   kRevisionColumns},
                  {before_activation, before_activation == 0, limit}, ReadRevision);
}

absl::Status SqlTransaction::SavePolicyRevision(const PolicyRevisionRecord& revision) {
  return Execute(
      "INSERT INTO policy_revisions (revision, text, activation, activated_at, actor_id, reason, "
      "diff_digest) VALUES (:revision, :text, CASE WHEN :is_activated = 1 THEN (SELECT "
      "COALESCE(MAX(activation), 0) + 1 FROM policy_revisions) ELSE 0 END, :activated_at, "
      ":actor_id, :reason, :diff_digest) ON CONFLICT (revision) DO UPDATE SET "
      "text = excluded.text, activation = excluded.activation, "
      "activated_at = excluded.activated_at, actor_id = excluded.actor_id, "
      "reason = excluded.reason, diff_digest = excluded.diff_digest WHERE excluded.activation > 0",
      {revision.revision, revision.text, revision.activated_at.has_value(), revision.activated_at,
       revision.actor_id, revision.reason, revision.diff_digest});
}

absl::StatusOr<PolicyStateRecord> SqlTransaction::ReadPolicyState() {
  return QueryOne<PolicyStateRecord>(
      {"SELECT active, shadow, shadow_since FROM policy_state WHERE id = 1", 3}, {}, [](Row& row) {
        PolicyStateRecord state;
        state.active = row.Text();
        state.shadow = row.Text();
        state.shadow_since = row.OptionalInstant();
        return state;
      });
}

absl::StatusOr<std::int64_t> SqlTransaction::ChangePolicyState(const PolicyStateRecord& state) {
  if (mode_ != Mode::kRevoking) {
    return absl::FailedPreconditionError("policies change by TransactRevoking alone");
  }
  absl::Status status = Execute(
      "UPDATE policy_state SET active = :active, shadow = :shadow, shadow_since = :shadow_since "
      "WHERE id = 1",
      {state.active, state.shadow, state.shadow_since});
  if (!status.ok()) return status;
  return ChangeReturning<std::int64_t>(
      {"UPDATE revocation_head SET position = position + 1, policy_position = position + 1 "
       "WHERE id = 1 RETURNING position",
       1},
      {}, [](Row& row) { return row.Integer(); });
}

}  // namespace gatehouse::storage
