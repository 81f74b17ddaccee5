// The session store on Redis (design/revocation.md, "Records in Redis").
//
//   gh:{ACCOUNT}    hash: digest -> record, last use included (session_record_codec.h)
//   gh:c:{ACCOUNT}  hash: digest -> what the client told of itself, a serialised v1::Client
//
// The braces keep both in one slot of a cluster. Keys expire some minutes after the last of their
// sessions; validity is judged by stored instants, never by that. An account's hash is tidied when
// sign-ins make it grow past `kTidyAbove`, and never holds more than `kMaximumSessions`: the oldest
// are signed out. As the port says otherwise; RESOURCE_EXHAUSTED when too much waits.
#ifndef GATEHOUSE_STORAGE_REDIS_REDIS_SESSION_STORE_H_
#define GATEHOUSE_STORAGE_REDIS_REDIS_SESSION_STORE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/redis/redis_client.h"
#include "storage/session_store.h"

namespace gatehouse::storage {

class RedisSessionStore final : public SessionStore {
 public:
  static constexpr std::size_t kTidyAbove = 128;
  static constexpr std::size_t kMaximumSessions = 256;

  explicit RedisSessionStore(RedisClientOptions options) : client_(std::move(options)) {}

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
  absl::Status CheckHealth() override { return client_.CheckHealth(); }

  // How many pipelined batches were sent, for metrics.
  std::int64_t batches_sent() const { return client_.batches_sent(); }

 private:
  // Sends commands and looks at every reply.
  absl::StatusOr<std::vector<RedisReply>> Call(std::string commands, std::size_t reply_count,
                                               absl::Time deadline);
  // Answers how many of them there were.
  absl::StatusOr<int> RemoveSome(const AccountId& account_id,
                                 const std::vector<SessionDigest>& digests, absl::Time deadline);
  // Takes expired sessions away, and the oldest beyond kMaximumSessions.
  absl::Status Tidy(const AccountId& account_id, absl::Time now, absl::Time deadline);

  RedisClient client_;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_REDIS_SESSION_STORE_H_
