// After a change of keys: moves what is sealed under former keys of the ring to the active ones, a
// few rows a transaction, while both serve. A row that changes meanwhile is left to whoever changed
// it; one that cannot be opened is left as it is, and told.
//
// Metrics gatehouse_resealed_rows_total{kind} and gatehouse_rows_under_former_keys; the log
// tells what each pass did. Passes belong to one thread; several servers may pass at once.
#ifndef GATEHOUSE_SERVER_OPERATIONS_SECRET_RESEALING_H_
#define GATEHOUSE_SERVER_OPERATIONS_SECRET_RESEALING_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "server/runtime/entropy.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/key_ring_file.h"
#include "storage/account_store.h"

namespace gatehouse::server {

class Resealing {
 public:
  // `listed` is what the file of `keys` holds. Everything given must outlive it. `rows` in one
  // transaction.
  Resealing(storage::AccountStore& accounts, const KeyRing& keys,
            std::vector<KeyDescription> listed, Entropy& entropy, const Logger& log,
            Metrics& metrics, int rows = 200)
      : accounts_(accounts),
        keys_(keys),
        listed_(std::move(listed)),
        entropy_(entropy),
        log_(log),
        metrics_(metrics),
        left_(metrics.ForGauge("gatehouse_rows_under_former_keys",
                               "Rows that still wait to be sealed under an active key.")),
        rows_(rows) {}

  // One pass over everything under former keys. Ends early, with OK, once `stopping` says so.
  absl::Status Pass(absl::FunctionRef<bool()> stopping);

 private:
  struct Tally {
    std::int64_t resealed = 0;
    std::int64_t unreadable = 0;
  };
  absl::StatusOr<Tally> PassKey(storage::SealedKind kind, const std::string& key_id,
                                absl::FunctionRef<bool()> stopping);
  // Puts new seals in the place of a page's.
  absl::Status ResealPage(absl::Span<const storage::SealedRecord> page, Tally& tally);
  absl::StatusOr<std::int64_t> Count(storage::SealedKind kind, const std::string& key_id);

  storage::AccountStore& accounts_;
  const KeyRing& keys_;
  const std::vector<KeyDescription> listed_;
  Entropy& entropy_;
  const Logger& log_;
  Metrics& metrics_;
  Gauge& left_;
  const int rows_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_SECRET_RESEALING_H_
