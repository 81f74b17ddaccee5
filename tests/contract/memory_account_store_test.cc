#include "storage/memory/account_store.h"
#include "tests/contract/account_store_contract.h"

namespace gatehouse::storage {
namespace {

class MemoryEngine final : public AccountStoreEngine {
 public:
  absl::StatusOr<std::unique_ptr<AccountStore>> Open() override {
    return NewMemoryAccountStore(kIncarnation);
  }
};

std::unique_ptr<AccountStoreEngine> MakeMemoryEngine() { return std::make_unique<MemoryEngine>(); }

INSTANTIATE_TEST_SUITE_P(Memory, AccountStoreContract, testing::Values(&MakeMemoryEngine));
INSTANTIATE_TEST_SUITE_P(Memory, AccountStoreHygiene, testing::Values(&MakeMemoryEngine));
INSTANTIATE_TEST_SUITE_P(Memory, ImportContract, testing::Values(&MakeMemoryEngine));
INSTANTIATE_TEST_SUITE_P(Memory, AccountStoreConcurrency, testing::Values(&MakeMemoryEngine));

}  // namespace
}  // namespace gatehouse::storage
