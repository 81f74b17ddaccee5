// Messages to the outside that wait for delivery.
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {

absl::Status SqlTransaction::AppendOutbox(const OutboxRecord& message) {
  return Insert(
      "INSERT INTO outbox (account_id, sequence, id, kind, payload, created_at, due_at, attempts) "
      "VALUES (:account_id, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM outbox "
      "WHERE account_id = :same_account_id), :id, :kind, :payload, :created_at, :due_at, "
      ":attempts) ON CONFLICT DO NOTHING",
      {message.account_id, message.account_id, message.id, message.kind,
       Parameter::Bytes(message.payload), message.created_at, message.due_at, message.attempts},
      "the message's id");
}

absl::StatusOr<std::vector<OutboxRecord>> SqlTransaction::DueOutbox(absl::Time now, int limit) {
  return QueryAll<OutboxRecord>(
      {"SELECT id, account_id, kind, payload, created_at, due_at, attempts FROM outbox "
       "WHERE due_at <= :now AND sequence = (SELECT MIN(earlier.sequence) FROM outbox AS earlier "
       "WHERE earlier.account_id = outbox.account_id) "
       "ORDER BY created_at, account_id LIMIT :most",
       7},
      {now, limit}, [](Row& row) {
        OutboxRecord message;
        message.id = row.Text();
        message.account_id = AccountId(row.Text());
        message.kind = row.Text();
        message.payload = row.Bytes();
        message.created_at = row.Instant();
        message.due_at = row.Instant();
        message.attempts = static_cast<int>(row.Integer());
        return message;
      });
}

absl::Status SqlTransaction::DeleteOutbox(absl::string_view id) {
  return Execute("DELETE FROM outbox WHERE id = :id", {id});
}

absl::Status SqlTransaction::PostponeOutbox(absl::string_view id, absl::Time due_at) {
  return Execute("UPDATE outbox SET due_at = :due_at, attempts = attempts + 1 WHERE id = :id",
                 {due_at, id});
}

}  // namespace gatehouse::storage
