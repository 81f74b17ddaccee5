// Messages to the outside that wait for delivery, and those that nobody would take.
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

OutboxRecord ReadMessage(Row& row) {
  OutboxRecord message;
  message.id = row.Text();
  message.account_id = AccountId(row.Text());
  message.channel = row.Enumerator<OutboxChannel>();
  message.kind = row.Text();
  message.payload = row.Bytes();
  message.created_at = row.Instant();
  message.due_at = row.Instant();
  message.attempts = static_cast<int>(row.Integer());
  message.last_error = row.Text();
  message.dead_at = row.OptionalInstant();
  return message;
}

}  // namespace

absl::Status SqlTransaction::AppendOutbox(const OutboxRecord& message) {
  return Insert(
      "INSERT INTO outbox (account_id, sequence, id, channel, kind, payload, created_at, due_at, "
      "attempts, last_error, dead_at) "
      "VALUES (:account_id, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM outbox "
      "WHERE account_id = :same_account_id), :id, :channel, :kind, :payload, :created_at, :due_at, "
      ":attempts, :last_error, :dead_at) ON CONFLICT DO NOTHING",
      {message.account_id, message.account_id, message.id, message.channel, message.kind,
       Parameter::Bytes(message.payload), message.created_at, message.due_at, message.attempts,
       message.last_error, message.dead_at},
      "the message's id");
}

absl::StatusOr<std::vector<OutboxRecord>> SqlTransaction::DueOutbox(OutboxChannel channel,
                                                                    absl::Time now, int limit) {
  return QueryAll<OutboxRecord>(
      {"SELECT id, account_id, channel, kind, payload, created_at, due_at, attempts, last_error, "
       "dead_at FROM outbox "
       "WHERE channel = :channel AND dead_at IS NULL AND due_at <= :now AND sequence = "
       "(SELECT MIN(earlier.sequence) FROM outbox AS earlier "
       "WHERE earlier.account_id = outbox.account_id AND earlier.channel = outbox.channel "
       "AND earlier.dead_at IS NULL) "
       "ORDER BY created_at, account_id LIMIT :most",
       10},
      {channel, now, limit}, ReadMessage);
}

absl::Status SqlTransaction::DeleteOutbox(absl::string_view id) {
  return Execute("DELETE FROM outbox WHERE id = :id", {id});
}

absl::Status SqlTransaction::PostponeOutbox(absl::string_view id, absl::Time due_at,
                                            absl::string_view error) {
  return Execute(
      "UPDATE outbox SET due_at = :due_at, attempts = attempts + 1, last_error = :error "
      "WHERE id = :id",
      {due_at, error, id});
}

absl::Status SqlTransaction::BuryOutbox(absl::string_view id, absl::Time at,
                                        absl::string_view error) {
  return Execute(
      "UPDATE outbox SET dead_at = :at, attempts = attempts + 1, last_error = :error "
      "WHERE id = :id",
      {at, error, id});
}

absl::Status SqlTransaction::ReviveOutbox(absl::string_view id, absl::Time due_at) {
  const absl::StatusOr<std::int64_t> revived = Change(
      "UPDATE outbox SET dead_at = NULL, due_at = :due_at, attempts = 0, last_error = '' "
      "WHERE id = :id AND dead_at IS NOT NULL",
      {due_at, id});
  if (!revived.ok()) return revived.status();
  return *revived > 0 ? absl::OkStatus() : absl::NotFoundError("no such row");
}

absl::StatusOr<std::vector<OutboxRecord>> SqlTransaction::ListDeadOutbox(int limit) {
  return QueryAll<OutboxRecord>(
      {"SELECT id, account_id, channel, kind, payload, created_at, due_at, attempts, last_error, "
       "dead_at FROM outbox WHERE dead_at IS NOT NULL ORDER BY created_at, id LIMIT :most",
       10},
      {limit}, ReadMessage);
}

absl::StatusOr<OutboxSummary> SqlTransaction::SummariseOutbox(OutboxChannel channel) {
  return QueryOne<OutboxSummary>(
      {"SELECT COALESCE(SUM(CASE WHEN dead_at IS NULL THEN 1 ELSE 0 END), 0), "
       "COALESCE(SUM(CASE WHEN dead_at IS NULL AND attempts > 0 THEN 1 ELSE 0 END), 0), "
       "COALESCE(SUM(CASE WHEN dead_at IS NULL THEN 0 ELSE 1 END), 0) "
       "FROM outbox WHERE channel = :channel",
       3},
      {channel}, [](Row& row) {
        OutboxSummary summary;
        summary.waiting = row.Integer();
        summary.failing = row.Integer();
        summary.dead = row.Integer();
        return summary;
      });
}

}  // namespace gatehouse::storage
