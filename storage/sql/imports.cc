// The items of imports that are in.
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {

absl::StatusOr<std::vector<ImportedItemRecord>> SqlTransaction::ListImportedItems(
    const ImportRange& range) {
  return QueryAll<ImportedItemRecord>(
      {"SELECT import_id, item, account_id, payload_mac, imported_at FROM imported_items "
       "WHERE import_id = :import_id AND item BETWEEN :first AND :last ORDER BY item",
       5},
      {range.import_id, range.first, range.last}, [](Row& row) {
        ImportedItemRecord item;
        item.import_id = row.Text();
        item.item = row.Integer();
        item.account_id = AccountId(row.Text());
        item.payload_mac = row.Bytes();
        item.imported_at = row.Instant();
        return item;
      });
}

absl::Status SqlTransaction::PutImportedItem(const ImportedItemRecord& item, absl::Time expired) {
  return Insert(
      "INSERT INTO imported_items (import_id, item, account_id, payload_mac, imported_at) "
      "VALUES (:import_id, :item, :account_id, :payload_mac, :imported_at) "
      "ON CONFLICT (import_id, item) DO UPDATE SET account_id = excluded.account_id, "
      "payload_mac = excluded.payload_mac, imported_at = excluded.imported_at "
      "WHERE imported_items.imported_at <= :expired",
      {item.import_id, item.item, item.account_id, Parameter::Bytes(item.payload_mac),
       item.imported_at, expired},
      "the item's place");
}

}  // namespace gatehouse::storage
