// Remembered answers, and the housekeeping of all that ages.
#include "absl/strings/str_cat.h"

#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {

absl::StatusOr<ReplayRecord> SqlTransaction::FindReplay(absl::string_view caller,
                                                        absl::string_view method,
                                                        absl::string_view request_id,
                                                        absl::string_view presenter) {
  return QueryOne<ReplayRecord>(
      {"SELECT caller, method, request_id, presenter, payload_mac, response, created_at "
       "FROM replays WHERE request_id = :request_id AND presenter = :presenter "
       "AND method = :method AND caller = :caller",
       7},
      {request_id, presenter, method, caller}, [](Row& row) {
        ReplayRecord replay;
        replay.caller = row.Text();
        replay.method = row.Text();
        replay.request_id = row.Text();
        replay.presenter = row.Text();
        replay.payload_mac = row.Bytes();
        replay.response = row.Bytes();
        replay.created_at = row.Instant();
        return replay;
      });
}

absl::Status SqlTransaction::InsertReplay(const ReplayRecord& replay) {
  return Insert(
      "INSERT INTO replays (caller, method, request_id, presenter, payload_mac, response, "
      "created_at) VALUES (:caller, :method, :request_id, :presenter, :payload_mac, :response, "
      ":created_at) ON CONFLICT DO NOTHING",
      {replay.caller, replay.method, replay.request_id, replay.presenter,
       Parameter::Bytes(replay.payload_mac), Parameter::Bytes(replay.response), replay.created_at},
      "the request_id");
}

absl::Status SqlTransaction::Tidy(absl::Time now, absl::Time older_than, int limit) {
  struct Sweep {
    absl::string_view text;
    absl::Time before;
  };
  // An account's failures stay: they lock it. A reservation that old counts as settled.
  const Sweep sweeps[] = {
      {"DELETE FROM revocations WHERE position IN (SELECT position FROM revocations "
       "WHERE keep_until < :before LIMIT :most)",
       now},
      {"DELETE FROM replays WHERE (request_id, presenter, method, caller) IN "
       "(SELECT request_id, presenter, method, caller FROM replays "
       "WHERE created_at < :before LIMIT :most)",
       older_than},
      {"DELETE FROM password_attempts WHERE subject IN (SELECT subject FROM password_attempts "
       "WHERE settled_at < :before AND NOT EXISTS (SELECT 1 FROM accounts "
       "WHERE accounts.id = password_attempts.subject) LIMIT :most)",
       older_than},
      {"DELETE FROM password_reservations WHERE (subject, id) IN "
       "(SELECT subject, id FROM password_reservations WHERE reserved_at < :before "
       "AND NOT EXISTS (SELECT 1 FROM accounts "
       "WHERE accounts.id = password_reservations.subject) LIMIT :most)",
       older_than},
      {"DELETE FROM source_failures WHERE (source, failed_at) IN "
       "(SELECT source, failed_at FROM source_failures WHERE failed_at < :before LIMIT :most)",
       older_than},
  };
  for (const Sweep& sweep : sweeps) {
    if (absl::Status status = Execute(sweep.text, {sweep.before, limit}); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::storage
