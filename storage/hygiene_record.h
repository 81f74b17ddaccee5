// What the passing of time makes of accounts, as far as a store helps to find it: which of them to
// look at. What is to become of them is judged by server/operations/facts/account_state.h. Values,
// as in storage/records.h.
#ifndef GATEHOUSE_STORAGE_HYGIENE_RECORD_H_
#define GATEHOUSE_STORAGE_HYGIENE_RECORD_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

#include "storage/identifiers.h"

namespace gatehouse::storage {

// What grows old, and the instant from which its age counts.
enum class Ageing : std::uint8_t {
  // Accounts whose stored status it is: since when. Of the active, when they were last used, if
  // that is later.
  kPending,
  kActive,
  kInactive,
  kDisabled,
  kDeleted,
  kLeavers,             // neither DELETED nor PURGED: when they were marked
  kTemporaryPasswords,  // of which no notice was given: when they end
  // Lasting ones of accounts that are neither locked nor disabled, deleted or purged, of which so
  // many notices were given: when they were set.
  kPasswords,
};

// A part of what grows old, in order of instant and id.
struct AgeingFilter {
  Ageing what = Ageing::kPending;
  int notices = 0;                   // for kPasswords
  std::optional<absl::Time> from{};  // exclusive; nullopt: from the oldest
  absl::Time until;                  // inclusive
  // Where the part before ended: after this id at `from`. Empty: there was none.
  AccountId after_id{};
  int limit = 0;
};

struct AgedAccount {
  AccountId id;
  absl::Time since;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_HYGIENE_RECORD_H_
