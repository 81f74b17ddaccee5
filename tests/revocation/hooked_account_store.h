// An account store that forwards to another and lets a test stand at both ends of each read and
// write, where things go wrong. Thread-safe; hooks may call the store themselves.
#ifndef GATEHOUSE_TESTS_REVOCATION_HOOKED_ACCOUNT_STORE_H_
#define GATEHOUSE_TESTS_REVOCATION_HOOKED_ACCOUNT_STORE_H_

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

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
  // Not OK: the transaction never reaches the store.
  void BeforeWrite(Hook hook) { Set(before_write_, std::move(hook)); }
  // Not OK: it is not known whether it was committed. It was.
  void AfterWrite(Hook hook) { Set(after_write_, std::move(hook)); }
  // From here on each body is run once more than it would be, first as though for a transaction
  // that then met a conflict.
  void RunBodiesTwice() { twice_ = true; }

  absl::Status Transact(TransactionBody body) override {
    return Write(body, [this](TransactionBody run) { return store_.Transact(run); });
  }
  absl::Status TransactRevoking(TransactionBody body) override {
    return Write(body, [this](TransactionBody run) { return store_.TransactRevoking(run); });
  }
  absl::Status Read(TransactionBody body) override {
    if (absl::Status status = Call(before_read_); !status.ok()) return status;
    const auto read = [this](TransactionBody run) { return store_.Read(run); };
    if (twice_) RunInVain(body, read);
    if (absl::Status status = read(body); !status.ok()) return status;
    return Call(after_read_);
  }
  absl::Status CheckHealth() override { return store_.CheckHealth(); }

 private:
  using Run = absl::FunctionRef<absl::Status(TransactionBody)>;

  absl::Status Write(TransactionBody body, Run run) {
    if (absl::Status status = Call(before_write_); !status.ok()) return status;
    if (twice_) RunInVain(body, run);
    if (absl::Status status = run(body); !status.ok()) return status;
    return Call(after_write_);
  }
  static void RunInVain(TransactionBody body, Run run) {
    run([&](Transaction& transaction) {
      body(transaction).IgnoreError();
      return absl::AbortedError("a conflict");
    }).IgnoreError();
  }

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
  Hook before_write_;
  Hook after_write_;
  std::atomic<bool> twice_ = false;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_TESTS_REVOCATION_HOOKED_ACCOUNT_STORE_H_
