// The session store: the port that finds a session's record by its digest.
//
// It is no authority. What it finds may already be revoked, what it fails to find is not valid, and
// what it loses only signs people out: the revocation log decides (design/revocation.md). Records
// never change; last use apart. Thread-safe. Errors:
//   NOT_FOUND     no such session
//   UNAVAILABLE   the store cannot be reached or did not answer in time; nothing is known
//   RESOURCE_EXHAUSTED  more waits for the store than it takes; nothing is known
//   INVALID_ARGUMENT    Put() of what cannot be a session, such as one that ends before it begins
//   INTERNAL      a record that cannot be read
// Instants are kept to the microsecond and last use to the second, rounded down.
// Every implementation passes tests/contract/session_store_contract.h.
#ifndef GATEHOUSE_STORAGE_SESSION_STORE_H_
#define GATEHOUSE_STORAGE_SESSION_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/session.pb.h"
#include "storage/identifiers.h"
#include "storage/records.h"

namespace gatehouse::storage {

struct SessionKey {
  AccountId account_id;
  SessionDigest digest;
};

struct SessionRecord {
  SessionKey key;
  std::uint64_t incarnation = 0;  // first 8 bytes of the revocation log's, as at issue
  std::int64_t position = 0;      // of the revocation log's head at issue
  std::int64_t epoch = 0;         // of the account at issue
  std::int64_t authorisation_version = 0;
  v1::SessionLevel level = v1::SESSION_LEVEL_UNSPECIFIED;
  std::vector<v1::RequiredAction> required_actions;  // pending at issue, in order
  absl::Time created_at;
  absl::Time expires_at;
  absl::Duration idle_timeout;
  OrganisationId organisation_id;      // as at issue
  std::vector<RoleGrantRecord> roles;  // as at issue
};

struct ClientRecord {
  std::string ip_address;
  std::string user_agent;
  std::string device_label;
};

struct FoundSession {
  SessionRecord record;
  absl::Time last_used_at;  // creation, until a later use was recorded
};

struct ListedSession {
  FoundSession session;
  ClientRecord client;
};

class SessionStore {
 public:
  using FindCallback = std::function<void(absl::StatusOr<FoundSession>)>;
  using FindAllCallback = std::function<void(std::vector<absl::StatusOr<FoundSession>>)>;

  virtual ~SessionStore() = default;

  // `done` is called exactly once, on a thread of the store's or on the caller's; it must not
  // block.
  virtual void Find(const SessionKey& key, absl::Time deadline, FindCallback done) = 0;
  // As many answers as keys, in their order.
  virtual void FindAll(std::vector<SessionKey> keys, absl::Time deadline, FindAllCallback done) = 0;

  // The following block until answered, or until the deadline.
  virtual absl::Status Put(const SessionRecord& session, const ClientRecord& client,
                           absl::Time deadline) = 0;
  virtual absl::StatusOr<std::vector<ListedSession>> List(const AccountId& account_id,
                                                          absl::Time deadline) = 0;
  // Answer how many records they removed; removing what is not there is OK.
  virtual absl::StatusOr<int> Remove(const SessionKey& key, absl::Time deadline) = 0;
  // Tidies away what a revocation ended: the account's sessions issued under an epoch below
  // `min_epoch`, but for `except`, and what cannot be read. A session issued since stays, however
  // late this comes.
  virtual absl::StatusOr<int> RemoveBelow(const AccountId& account_id, std::int64_t min_epoch,
                                          const std::optional<SessionDigest>& except,
                                          absl::Time deadline) = 0;

  // Notes a use; lost when the store is away. The caller sees to it that it is rare.
  virtual void RecordUse(const SessionKey& key, absl::Time at) = 0;

  // OK iff a request would be answered now; else what is wrong and since when.
  virtual absl::Status CheckHealth() = 0;
};

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SESSION_STORE_H_
