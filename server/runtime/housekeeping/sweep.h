// One sweep through the account store: deletes what has had its time, in small transactions, so
// that nobody waits long behind one. A step without a thread or state of its own. Thread-safe;
// several servers may sweep at once: what one has deleted is no longer there for the other.
#ifndef GATEHOUSE_SERVER_RUNTIME_HOUSEKEEPING_SWEEP_H_
#define GATEHOUSE_SERVER_RUNTIME_HOUSEKEEPING_SWEEP_H_

#include <cstdint>
#include <functional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "storage/account_store.h"

namespace gatehouse::server {

struct SweepOptions {
  // How long after its instant (storage::Perishable) each kind may still matter; asked anew at each
  // sweep.
  std::function<absl::Duration(storage::Perishable)> retention;
  // Everything stays for so much longer: what a clock that is a day ahead takes for old must still
  // be there when the clock is put right.
  absl::Duration margin = absl::Hours(25);
  int rows = 500;  // in one transaction
};

// Tells `deleted` of each transaction's rows. Ends early, with OK, once `stopping` says so. An
// error is the store's: what was told until then is deleted.
absl::Status Sweep(storage::AccountStore& store, const SweepOptions& options, absl::Time now,
                   absl::FunctionRef<void(storage::Perishable, std::int64_t)> deleted,
                   absl::FunctionRef<bool()> stopping);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_HOUSEKEEPING_SWEEP_H_
