// Keeps this server deciding by the policy that the database says is in force, and trying the one
// that it says is in shadow.
//
// The revocation log's head tells the position at which either last changed; the reader of the log
// hands each head over before its reading counts as complete (Follow). So a server that has not
// followed does not renew its lease, and no fleet disagrees about its policy for longer than a
// lease. The exchange is one atomic pointer; what was begun goes on under the policy it began with.
//
// Thread-safe; Follow belongs to the reader's thread. The parts must outlive it.
#ifndef GATEHOUSE_SERVER_POLICIES_POLICY_FOLLOWER_H_
#define GATEHOUSE_SERVER_POLICIES_POLICY_FOLLOWER_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "policy/policy_holder.h"
#include "server/policies/decision_journal.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"
#include "storage/account_store.h"

namespace gatehouse::server {

// What became of the file at hand when the server was told to read it again.
struct PolicyReload {
  absl::Time time;
  absl::Status outcome;
};

class PolicyFollower {
 public:
  struct Parts {
    storage::AccountStore& accounts;
    policy::PolicyHolder& policies;
    DecisionJournal& journal;
    const Logger& log;
    Metrics& metrics;
  };

  explicit PolicyFollower(const Parts& parts);

  // Takes over what changed up to `head`. On an error nothing is taken over, and the next head is
  // tried again: UNAVAILABLE when the database cannot be read, FAILED_PRECONDITION when the policy
  // in force is one that this server does not understand.
  absl::Status Follow(const storage::RevocationHead& head);

  // This policy may be the next in force: it need not be compiled again then.
  void Expect(std::shared_ptr<const policy::Policy> policy);

  void NoteReload(PolicyReload reload);
  std::optional<PolicyReload> last_reload() const;
  // OK unless the last reload failed.
  absl::Status CheckReload() const;

 private:
  struct Stored {
    storage::PolicyStateRecord state;
    storage::PolicyRevisionRecord active;
    storage::PolicyRevisionRecord shadow;
  };
  using PolicyPtr = std::shared_ptr<const policy::Policy>;

  absl::StatusOr<Stored> Read() const;
  absl::StatusOr<PolicyPtr> Compile(const storage::PolicyRevisionRecord& revision) const;
  void TakeOverShadow(const storage::PolicyRevisionRecord& revision);

  const Parts parts_;
  Counter& switches_total_;
  Counter& failed_reloads_total_;
  std::int64_t position_ = -1;  // the reader's thread's own

  mutable std::mutex mutex_;  // guards what follows
  PolicyPtr expected_;
  std::optional<PolicyReload> last_reload_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_POLICIES_POLICY_FOLLOWER_H_
