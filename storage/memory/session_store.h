// The session store in this process's memory: for tests and trials. Passes the same contract tests
// as the real one. Answers on the caller's thread. Thread-safe.
#ifndef GATEHOUSE_STORAGE_MEMORY_SESSION_STORE_H_
#define GATEHOUSE_STORAGE_MEMORY_SESSION_STORE_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/session_store.h"

namespace gatehouse::storage {

class MemorySessionStore final : public SessionStore {
 public:
  void Find(const SessionKey& key, absl::Time deadline, FindCallback done) override;
  void FindAll(std::vector<SessionKey> keys, absl::Time deadline, FindAllCallback done) override;
  absl::Status Put(const SessionRecord& session, const ClientRecord& client,
                   absl::Time deadline) override;
  absl::StatusOr<std::vector<ListedSession>> List(const AccountId& account_id,
                                                  absl::Time deadline) override;
  absl::StatusOr<int> Remove(const SessionKey& key, absl::Time deadline) override;
  absl::StatusOr<int> RemoveBelow(const AccountId& account_id, std::int64_t min_epoch,
                                  const std::optional<SessionDigest>& except,
                                  absl::Time deadline) override;
  void RecordUse(const SessionKey& key, absl::Time at) override;
  absl::Status CheckHealth() override;

  // While away every call fails with UNAVAILABLE, and uses are lost.
  void SetAway(bool away);

 private:
  absl::Status CheckHere() const;
  absl::StatusOr<FoundSession> FindLocked(const SessionKey& key) const;

  mutable std::mutex mutex_;
  bool away_ = false;
  std::map<AccountId, std::map<SessionDigest, ListedSession>> accounts_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_MEMORY_SESSION_STORE_H_
