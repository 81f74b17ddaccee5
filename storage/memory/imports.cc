// The items of imports that are in.
#include <utility>

#include "storage/memory/account_transaction.h"
#include "storage/memory/precision.h"

namespace gatehouse::storage {

absl::StatusOr<std::vector<ImportedItemRecord>> MemoryTransaction::ListImportedItems(
    const ImportRange& range) {
  std::vector<ImportedItemRecord> items;
  for (auto row = tables_.imported_items.lower_bound({range.import_id, range.first});
       row != tables_.imported_items.end() && row->first <= std::pair(range.import_id, range.last);
       ++row) {
    items.push_back(row->second);
  }
  return items;
}

absl::Status MemoryTransaction::PutImportedItem(const ImportedItemRecord& item,
                                                absl::Time expired) {
  absl::Status status = CheckWrite({item.import_id, item.account_id.value()});
  if (!status.ok()) return status;
  const std::pair key(item.import_id, item.item);
  const auto present = tables_.imported_items.find(key);
  if (present != tables_.imported_items.end() && present->second.imported_at > expired) {
    return absl::AlreadyExistsError("the item's place is taken");
  }
  undo_.Put(tables_.imported_items, key, Stored(item));
  return absl::OkStatus();
}

}  // namespace gatehouse::storage
