// Part of account_store_contract.h: imports.
#ifndef GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_IMPORTS_H_
#define GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_IMPORTS_H_

#include <string>
#include <vector>

#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {

class ImportContract : public AccountStoreTest {
 protected:
  absl::Status Put(const ImportedItemRecord& item, absl::Time expired = SampleTime()) {
    return Write([&](Transaction& t) { return t.PutImportedItem(item, expired); });
  }

  std::vector<ImportedItemRecord> List(const ImportRange& range) {
    return Read([&](Transaction& t) { return t.ListImportedItems(range); })
        .value_or(std::vector<ImportedItemRecord>());
  }

  std::vector<std::int64_t> Places(const ImportRange& range) {
    std::vector<std::int64_t> places;
    for (const ImportedItemRecord& item : List(range)) places.push_back(item.item);
    return places;
  }
};

TEST_P(ImportContract, ReadsBackAnItemExactly) {
  ASSERT_EQ(Put(SampleImportedItem(7)), absl::OkStatus());
  ASSERT_EQ(List({"import", 7, 7}).size(), 1u);
  EXPECT_EQ(Text(List({"import", 7, 7})[0]), Text(SampleImportedItem(7)));
}

TEST_P(ImportContract, ListsARangeOfOneImportInOrderOfItsItems) {
  for (const int number : {10, 2, 9, 1, 11}) {
    ASSERT_EQ(Put(SampleImportedItem(number)), absl::OkStatus());
  }
  ImportedItemRecord another = SampleImportedItem(9);
  another.import_id = "import2";
  ASSERT_EQ(Put(another), absl::OkStatus());
  EXPECT_EQ(Places({"import", 2, 10}), (std::vector<std::int64_t>{2, 9, 10}));
  EXPECT_EQ(Places({"import2", 1, 99}), (std::vector<std::int64_t>{9}));
  EXPECT_EQ(Places({"import", 3, 8}), std::vector<std::int64_t>());
  EXPECT_EQ(Places({"impor", 1, 99}), std::vector<std::int64_t>());
}

TEST_P(ImportContract, GivesAnItemsPlaceToOneAccountUntilItIsOver) {
  const ImportedItemRecord first = SampleImportedItem(1);
  ASSERT_EQ(Put(first), absl::OkStatus());
  ImportedItemRecord second = first;
  second.account_id = AccountId("another");
  second.imported_at = first.imported_at + absl::Hours(25);
  EXPECT_TRUE(absl::IsAlreadyExists(Put(second, first.imported_at - absl::Microseconds(1))));
  EXPECT_EQ(Text(List({"import", 1, 1}).at(0)), Text(first));
  EXPECT_EQ(Put(second, first.imported_at), absl::OkStatus());
  EXPECT_EQ(Text(List({"import", 1, 1}).at(0)), Text(second));
}

TEST_P(ImportContract, ForgetsAnItemWhoseTransactionFails) {
  EXPECT_TRUE(absl::IsCancelled(Write([](Transaction& t) {
    EXPECT_EQ(t.PutImportedItem(SampleImportedItem(1), SampleTime()), absl::OkStatus());
    return absl::CancelledError();
  })));
  EXPECT_EQ(Places({"import", 1, 9}), std::vector<std::int64_t>());
}

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_CONTRACT_ACCOUNT_STORE_CONTRACT_IMPORTS_H_
