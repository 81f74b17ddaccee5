#include "server/runtime/housekeeping/sweep.h"

#include "absl/status/statusor.h"

#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using storage::Perishable;

absl::StatusOr<std::int64_t> DeleteSome(storage::AccountStore& store, Perishable what,
                                        absl::Time before, int rows) {
  std::int64_t deleted = 0;
  const auto tidy = [&](storage::Transaction& transaction) -> absl::Status {
    GATEHOUSE_ASSIGN_OR_RETURN(deleted, transaction.Tidy(what, before, rows));
    return absl::OkStatus();
  };
  GATEHOUSE_RETURN_IF_ERROR(what == Perishable::kRevocations ? store.TransactRevoking(tidy)
                                                             : store.Transact(tidy));
  return deleted;
}

}  // namespace

absl::Status Sweep(storage::AccountStore& store, const SweepOptions& options, absl::Time now,
                   absl::FunctionRef<void(Perishable, std::int64_t)> deleted,
                   absl::FunctionRef<bool()> stopping) {
  for (const Perishable what : storage::kPerishables) {
    const absl::Time before = now - options.retention(what) - options.margin;
    for (std::int64_t rows = options.rows; rows == options.rows;) {
      if (stopping()) return absl::OkStatus();
      GATEHOUSE_ASSIGN_OR_RETURN(rows, DeleteSome(store, what, before, options.rows));
      deleted(what, rows);
    }
  }
  return absl::OkStatus();
}

}  // namespace gatehouse::server
