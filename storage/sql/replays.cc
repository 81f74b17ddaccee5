// Remembered answers.
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {

absl::StatusOr<ReplayRecord> SqlTransaction::FindReplay(absl::string_view caller,
                                                        absl::string_view method,
                                                        absl::string_view request_id,
                                                        absl::string_view presenter) {
  return QueryOne<ReplayRecord>(
      {"SELECT caller, method, request_id, presenter, payload_mac, response, created_at, "
       "account_id, refusal "
       "FROM replays WHERE request_id = :request_id AND presenter = :presenter "
       "AND method = :method AND caller = :caller",
       9},
      {request_id, presenter, method, caller}, [](Row& row) {
        ReplayRecord replay;
        replay.caller = row.Text();
        replay.method = row.Text();
        replay.request_id = row.Text();
        replay.presenter = row.Text();
        replay.payload_mac = row.Bytes();
        replay.response = row.Bytes();
        replay.created_at = row.Instant();
        replay.account_id = AccountId(row.Text());
        replay.refusal = row.Bytes();
        return replay;
      });
}

absl::Status SqlTransaction::PutReplay(const ReplayRecord& replay, absl::Time expired) {
  return Insert(
      "INSERT INTO replays (caller, method, request_id, presenter, payload_mac, response, "
      "created_at, account_id, refusal) VALUES (:caller, :method, :request_id, :presenter, "
      ":payload_mac, :response, :created_at, :account_id, :refusal) "
      "ON CONFLICT (request_id, presenter, method, caller) DO UPDATE "
      "SET payload_mac = excluded.payload_mac, response = excluded.response, "
      "created_at = excluded.created_at, account_id = excluded.account_id, "
      "refusal = excluded.refusal WHERE replays.created_at <= :expired",
      {replay.caller, replay.method, replay.request_id, replay.presenter,
       Parameter::Bytes(replay.payload_mac), Parameter::Bytes(replay.response), replay.created_at,
       replay.account_id, Parameter::Bytes(replay.refusal), expired},
      "the request_id");
}

}  // namespace gatehouse::storage
