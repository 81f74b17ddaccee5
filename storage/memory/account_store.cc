#include "storage/memory/account_store.h"

#include <mutex>
#include <shared_mutex>
#include <utility>

#include "storage/memory/account_tables.h"
#include "storage/memory/account_transaction.h"

namespace gatehouse::storage {
namespace {

class MemoryAccountStore final : public AccountStore {
 public:
  explicit MemoryAccountStore(std::string incarnation) {
    tables_.revocation_head.incarnation = std::move(incarnation);
  }

  absl::Status Transact(TransactionBody body) override {
    return Write(MemoryTransaction::Mode::kWriting, body);
  }

  absl::Status TransactRevoking(TransactionBody body) override {
    return Write(MemoryTransaction::Mode::kRevoking, body);
  }

  absl::Status Read(TransactionBody body) override {
    const std::shared_lock lock(mutex_);
    MemoryTransaction transaction(tables_, MemoryTransaction::Mode::kReading);
    return body(transaction);
  }

  absl::Status CheckHealth() override { return absl::OkStatus(); }

 private:
  absl::Status Write(MemoryTransaction::Mode mode, TransactionBody body) {
    const std::unique_lock lock(mutex_);
    MemoryTransaction transaction(tables_, mode);
    absl::Status status = body(transaction);
    if (!transaction.failure().ok()) status = transaction.failure();
    if (!status.ok()) transaction.RollBack();
    return status;
  }

  std::shared_mutex mutex_;
  MemoryTables tables_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<AccountStore> NewMemoryAccountStore(std::string incarnation) {
  return std::make_unique<MemoryAccountStore>(std::move(incarnation));
}

}  // namespace gatehouse::storage
