// Wrong passwords: attempts reserved and settled, failures by source.
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {

absl::StatusOr<PasswordAttempts> SqlTransaction::FindPasswordAttempts(absl::string_view subject) {
  PasswordAttempts attempts;
  absl::Status status =
      Query({"SELECT failures FROM password_attempts WHERE subject = :subject", 1}, {subject},
            [&attempts](Row& row) { attempts.failures = row.Integer(); });
  if (!status.ok()) return status;
  status = Query({"SELECT id, reserved_at FROM password_reservations WHERE subject = :subject "
                  "ORDER BY reserved_at, id",
                  2},
                 {subject}, [&attempts](Row& row) {
                   PasswordAttempts::Reservation& reservation = attempts.pending.emplace_back();
                   reservation.id = row.Text();
                   reservation.reserved_at = row.Instant();
                 });
  if (!status.ok()) return status;
  return attempts;
}

absl::Status SqlTransaction::ReservePasswordAttempt(absl::string_view subject,
                                                    absl::string_view reservation_id,
                                                    absl::Time at) {
  return Insert(
      "INSERT INTO password_reservations (subject, id, reserved_at) "
      "VALUES (:subject, :id, :reserved_at) ON CONFLICT DO NOTHING",
      {subject, reservation_id, at}, "the reservation's id");
}

absl::Status SqlTransaction::SettlePasswordAttempt(absl::string_view subject,
                                                   absl::string_view reservation_id,
                                                   std::int64_t failures, absl::Time at) {
  absl::Status status =
      Execute("DELETE FROM password_reservations WHERE subject = :subject AND id = :id",
              {subject, reservation_id});
  if (!status.ok()) return status;
  if (failures == 0) {
    return Execute("DELETE FROM password_attempts WHERE subject = :subject", {subject});
  }
  return Execute(
      "INSERT INTO password_attempts (subject, failures, settled_at) "
      "VALUES (:subject, :failures, :settled_at) ON CONFLICT (subject) DO UPDATE "
      "SET failures = excluded.failures, settled_at = excluded.settled_at",
      {subject, failures, at});
}

absl::StatusOr<std::int64_t> SqlTransaction::CountSourceFailures(absl::string_view source,
                                                                 absl::Time since) {
  return QueryOne<std::int64_t>({"SELECT COALESCE(SUM(failures), 0) FROM source_failures "
                                 "WHERE source = :source AND failed_at >= :since",
                                 1},
                                {source, since}, [](Row& row) { return row.Integer(); });
}

absl::Status SqlTransaction::AppendSourceFailure(absl::string_view source, absl::Time at) {
  return Execute(
      "INSERT INTO source_failures (source, failed_at, failures) VALUES (:source, :failed_at, 1) "
      "ON CONFLICT (source, failed_at) DO UPDATE SET failures = source_failures.failures + 1",
      {source, at});
}

}  // namespace gatehouse::storage
