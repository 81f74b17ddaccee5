// What is remembered of a bulk import: which of its items are in, so that one that broke off can go
// on. Values, as in storage/records.h.
#ifndef GATEHOUSE_STORAGE_IMPORT_RECORD_H_
#define GATEHOUSE_STORAGE_IMPORT_RECORD_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

#include "storage/identifiers.h"

namespace gatehouse::storage {

// An account that an import has made. Holds nothing personal: an id, and a keyed digest.
struct ImportedItemRecord {
  std::string import_id{};  // names the import among all
  std::int64_t item = 0;    // its place in the import
  AccountId account_id{};
  std::string payload_mac{};  // keyed: the item may hold a hash, and answers to questions
  absl::Time imported_at{};
};

// Some items of one import, by their places: both ends belong to it.
struct ImportRange {
  std::string import_id;
  std::int64_t first = 0;
  std::int64_t last = 0;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_IMPORT_RECORD_H_
