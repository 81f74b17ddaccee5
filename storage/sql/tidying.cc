// What is deleted once its time is over.
#include "absl/strings/str_cat.h"

#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

std::string Deletion(absl::string_view table, absl::string_view key, absl::string_view age,
                     absl::string_view further_condition = "") {
  return absl::StrCat("DELETE FROM ", table, " WHERE (", key, ") IN (SELECT ", key, " FROM ", table,
                      " WHERE ", age, " < :before", further_condition, " LIMIT :most)");
}

std::string DeletionOf(Perishable what) {
  const std::string of_unknown_names =
      absl::StrCat(" AND subject LIKE '", kUnknownNameSubject, "%'");
  switch (what) {
    case Perishable::kRevocations:
      break;  // go in order: see ForgetRevocations
    case Perishable::kReplays:
      return Deletion("replays", "request_id, presenter, method, caller", "created_at");
    case Perishable::kUnknownNameFailures:
      return Deletion("password_attempts", "subject", "settled_at", of_unknown_names);
    case Perishable::kUnknownNameReservations:
      return Deletion("password_reservations", "subject, id", "reserved_at", of_unknown_names);
    case Perishable::kSourceFailures:
      return Deletion("source_failures", "source, failed_at", "failed_at");
    case Perishable::kImportedItems:
      return Deletion("imported_items", "import_id, item", "imported_at");
    case Perishable::kProofs:
      return Deletion("proofs", "id", "expires_at");
    case Perishable::kCodeEvents:
      return Deletion("code_events", "subject, purpose, event, happened_at", "happened_at");
    case Perishable::kUnconfirmedMethods:
      return Deletion("authentication_methods", "account_id, id", "created_at",
                      " AND confirmed_at IS NULL");
    case Perishable::kVerifications:
      return Deletion("verifications", "id", "expires_at", " AND state <> 1");
  }
  return "";
}

}  // namespace

absl::StatusOr<std::int64_t> SqlTransaction::Tidy(Perishable what, absl::Time before, int limit) {
  if (what == Perishable::kRevocations) return ForgetRevocations(before, limit);
  return Change(DeletionOf(what), {before, limit});
}

}  // namespace gatehouse::storage
