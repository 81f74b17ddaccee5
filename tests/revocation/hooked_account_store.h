// An account store that forwards to another and lets a test stand at both ends of each read, where
// things go wrong. Thread-safe; hooks may call the store themselves.
#ifndef GATEHOUSE_TESTS_REVOCATION_HOOKED_ACCOUNT_STORE_H_
#define GATEHOUSE_TESTS_REVOCATION_HOOKED_ACCOUNT_STORE_H_

#include <functional>
#include <mutex>
#include <utility>

#include "storage/account_store.h"

namespace gatehouse::storage {

class HookedAccountStore final : public AccountStore {
 public:
  using Hook = std::function<absl::Status()>;

  explicit HookedAccountStore(AccountStore& store) : store_(store) {}

  // Not OK: the read never reaches the store.
  void BeforeRead(Hook hook) { Set(before_read_, std::move(hook)); }
  // Not OK: the read's answer is lost on its way back.
  void AfterRead(Hook hook) { Set(after_read_, std::move(hook)); }

  absl::Status Transact(TransactionBody body) override { return store_.Transact(body); }
  absl::Status TransactRevoking(TransactionBody body) override {
    return store_.TransactRevoking(body);
  }
  absl::Status Read(TransactionBody body) override {
    if (absl::Status status = Call(before_read_); !status.ok()) return status;
    if (absl::Status status = store_.Read(body); !status.ok()) return status;
    return Call(after_read_);
  }
  absl::Status CheckHealth() override { return store_.CheckHealth(); }

 private:
  void Set(Hook& place, Hook hook) {
    const std::lock_guard lock(mutex_);
    place = std::move(hook);
  }
  absl::Status Call(const Hook& place) {
    Hook hook;
    {
      const std::lock_guard lock(mutex_);
      hook = place;
    }
    return hook ? hook() : absl::OkStatus();
  }

  AccountStore& store_;
  std::mutex mutex_;
  Hook before_read_;
  Hook after_read_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_REVOCATION_HOOKED_ACCOUNT_STORE_H_
