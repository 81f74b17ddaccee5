// What is deleted once its time is over.
#include <iterator>

#include "absl/strings/match.h"

#include "storage/memory/account_transaction.h"

namespace gatehouse::storage {

template <typename Key, typename Value, typename Predicate>
std::int64_t MemoryTransaction::Sweep(std::map<Key, Value>& table, int limit, Predicate is_over) {
  std::vector<Key> over;
  for (auto row = table.begin(); row != table.end() && std::ssize(over) < limit; ++row) {
    if (is_over(row->first, row->second)) over.push_back(row->first);
  }
  for (const Key& key : over) undo_.Erase(table, key);
  return std::ssize(over);
}

absl::StatusOr<std::int64_t> MemoryTransaction::ForgetRevocations(absl::Time before, int limit) {
  absl::Status status = CheckRevoking();
  if (!status.ok()) return status;
  RevocationHead head = tables_.revocation_head;
  bool all_over = true;
  const std::int64_t count =
      Sweep(tables_.revocations, limit, [&](std::int64_t position, const RevocationRecord& row) {
        all_over = all_over && row.keep_until < before;
        if (all_over) head.forgotten_before = position;
        return all_over;
      });
  if (count > 0) undo_.Set(tables_.revocation_head, std::move(head));
  return count;
}

absl::StatusOr<std::int64_t> MemoryTransaction::Tidy(Perishable what, absl::Time before,
                                                     int limit) {
  absl::Status status = CheckWrite({});
  if (!status.ok()) return status;
  const auto is_of_unknown_name = [](absl::string_view subject) {
    return absl::StartsWith(subject, kUnknownNameSubject);
  };
  switch (what) {
    case Perishable::kRevocations:
      return ForgetRevocations(before, limit);
    case Perishable::kReplays:
      return Sweep(tables_.replays, limit,
                   [&](auto&, const ReplayRecord& row) { return row.created_at < before; });
    case Perishable::kUnknownNameFailures:
      return Sweep(tables_.password_attempts, limit, [&](const std::string& key, const auto& row) {
        return row.settled_at < before && is_of_unknown_name(key);
      });
    case Perishable::kUnknownNameReservations:
      return Sweep(tables_.reservations, limit, [&](const auto& key, absl::Time reserved_at) {
        return reserved_at < before && is_of_unknown_name(key.first);
      });
    case Perishable::kSourceFailures:
      return Sweep(tables_.source_failures, limit,
                   [&](const auto& key, auto) { return key.second < before; });
    case Perishable::kImportedItems:
      return Sweep(tables_.imported_items, limit,
                   [&](auto&, const ImportedItemRecord& row) { return row.imported_at < before; });
    case Perishable::kProofs:
      return Sweep(tables_.proofs, limit,
                   [&](auto&, const ProofRecord& row) { return row.expires_at < before; });
    case Perishable::kCodeEvents:
      return Sweep(tables_.code_events, limit,
                   [&](const auto& key, auto) { return std::get<absl::Time>(key) < before; });
    case Perishable::kUnconfirmedMethods:
      return Sweep(tables_.authentication_methods, limit,
                   [&](auto&, const AuthenticationMethodRecord& row) {
                     return row.created_at < before && !row.confirmed_at.has_value();
                   });
    case Perishable::kVerifications:
      return Sweep(tables_.verifications, limit, [&](auto&, const VerificationRecord& row) {
        return row.expires_at < before && row.state != VerificationState::kOpen;
      });
  }
  return absl::InternalError("there is no such kind of row");
}

}  // namespace gatehouse::storage
