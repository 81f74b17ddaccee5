#include "storage/sql/sql_account_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "storage/sql/connection_pool.h"
#include "storage/sql/dialect.h"
#include "storage/sql/migrations.h"
#include "storage/sql/name_folding.h"
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

using Mode = SqlTransaction::Mode;

// Of two transactions in conflict one commits, so even as many as may write at once come through.
constexpr int kMostRuns = 50;

constexpr Access AccessOf(Mode mode) {
  return mode == Mode::kReading ? Access::kReadOnly : Access::kReadWrite;
}

// How one run of a body ended.
struct Outcome {
  absl::Status status;
  bool may_run_again = false;
};

// A transaction on a leased connection. Whatever way it is left, the connection goes back without
// an open transaction.
class Run {
 public:
  Run(ConnectionPool::Lease& lease, Mode mode) : lease_(lease), mode_(mode) {}
  ~Run() {
    if (is_open_) lease_.Discard();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Outcome Do(TransactionBody body) {
    if (absl::Status begun = Begin(); !begun.ok()) return Failed(begun);
    SqlTransaction transaction(*lease_, mode_);
    const absl::Status status = body(transaction);
    if (!transaction.failure().ok()) {
      RollBack();
      return Failed(transaction.failure());
    }
    if (!status.ok()) {
      RollBack();
      return {status};
    }
    return Commit();
  }

 private:
  absl::Status Begin() {
    const absl::string_view begin = lease_->dialect().begin(AccessOf(mode_));
    absl::Status status = lease_->Run(begin);
    // A pooled connection may have died since it was used last; nothing has happened on it yet.
    if (!status.ok() && !lease_->IsUsable()) {
      status = lease_.Reopen();
      if (status.ok()) status = lease_->Run(begin);
    }
    is_open_ = true;
    if (!status.ok() || mode_ != Mode::kRevoking) return status;
    const absl::string_view lock = lease_->dialect().lock_revocation_head();
    return lock.empty() ? absl::OkStatus() : lease_->Run(lock);
  }

  Outcome Commit() {
    const absl::Status status = lease_->Run("COMMIT");
    if (status.ok()) {
      is_open_ = false;
      return {absl::OkStatus()};
    }
    if (absl::IsAborted(status)) {
      RollBack();
      return Failed(status);
    }
    return {absl::UnavailableError(
        absl::StrCat("it is not known whether a commit succeeded: ", status.message()))};
  }

  void RollBack() { is_open_ = !lease_->Run("ROLLBACK").ok(); }

  static Outcome Failed(const absl::Status& failure) { return {failure, absl::IsAborted(failure)}; }

  ConnectionPool::Lease& lease_;
  const Mode mode_;
  bool is_open_ = false;
};

class SqlAccountStore final : public AccountStore {
 public:
  SqlAccountStore(std::unique_ptr<Dialect> dialect, const SqlAccountStoreOptions& options)
      : dialect_(std::move(dialect)),
        writers_(*dialect_, Access::kReadWrite, dialect_->most_writers(), options.patience),
        readers_(*dialect_, Access::kReadOnly, options.readers, options.patience) {}

  absl::Status Upgrade(absl::string_view incarnation) {
    absl::StatusOr<ConnectionPool::Lease> lease = writers_.Acquire();
    if (!lease.ok()) return lease.status();
    absl::Status migrated = Migrate(**lease, incarnation);
    return migrated.ok() ? FoldNamesAnew(**lease) : migrated;
  }

  absl::Status Transact(TransactionBody body) override {
    return RunUntilSettled(writers_, Mode::kWriting, body);
  }
  absl::Status TransactRevoking(TransactionBody body) override {
    return RunUntilSettled(writers_, Mode::kRevoking, body);
  }
  absl::Status Read(TransactionBody body) override {
    return RunUntilSettled(readers_, Mode::kReading, body);
  }

  absl::Status CheckHealth() override {
    absl::StatusOr<ConnectionPool::Lease> lease = readers_.Acquire();
    if (!lease.ok()) return lease.status();
    const absl::StatusOr<std::int64_t> version = SchemaVersion(**lease);
    if (!version.ok()) return version.status();
    if (*version == static_cast<std::int64_t>(Migrations().size())) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the database has schema version ", *version, " now"));
  }

 private:
  static absl::Status RunUntilSettled(ConnectionPool& pool, Mode mode, TransactionBody body) {
    for (int runs = 1;; ++runs) {
      Outcome outcome = RunOnce(pool, mode, body);
      if (!outcome.may_run_again) return outcome.status;
      if (runs == kMostRuns) {
        return absl::UnavailableError(
            absl::StrCat("given up after ", runs,
                         " conflicts with other transactions: ", outcome.status.message()));
      }
      absl::SleepFor(absl::Microseconds(200) * std::min(runs, 20));
    }
  }

  static Outcome RunOnce(ConnectionPool& pool, Mode mode, TransactionBody body) {
    absl::StatusOr<ConnectionPool::Lease> lease = pool.Acquire();
    if (!lease.ok()) return {lease.status()};
    return Run(*lease, mode).Do(body);
  }

  const std::unique_ptr<Dialect> dialect_;
  ConnectionPool writers_;
  ConnectionPool readers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AccountStore>> OpenSqlAccountStore(
    const SqlAccountStoreOptions& options) {
  absl::StatusOr<std::unique_ptr<Dialect>> dialect = OpenDialect(options.url, options.patience);
  if (!dialect.ok()) return dialect.status();
  auto store = std::make_unique<SqlAccountStore>(*std::move(dialect), options);
  if (absl::Status upgraded = store->Upgrade(options.incarnation); !upgraded.ok()) return upgraded;
  return store;
}

}  // namespace gatehouse::storage
