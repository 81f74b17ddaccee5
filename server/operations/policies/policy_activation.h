// Putting a policy in force otherwise than by ActivatePolicy: when the server starts for the first
// time, when the operator of the machine has it read its file again, and by hand where no server
// can start. All are recorded as acts of the machine's, with an audit event in the system's log.
// Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_POLICIES_POLICY_ACTIVATION_H_
#define GATEHOUSE_SERVER_OPERATIONS_POLICIES_POLICY_ACTIVATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/operations/dependencies.h"
#include "server/operations/policies/named_policy.h"
#include "storage/account_store.h"

namespace gatehouse::server {

// The next state of policies once `active` is in force: a candidate that came into force is no
// longer in shadow.
storage::PolicyStateRecord WithActive(storage::PolicyStateRecord state, absl::string_view active);

// The policy that is in force in this database; where none is, `from_file` becomes the first, and
// only then has to be good. FAILED_PRECONDITION if the one in force is not one that this server
// understands.
absl::StatusOr<PolicyPtr> PolicyInForce(storage::AccountStore& accounts,
                                        const absl::StatusOr<PolicyPtr>& from_file, absl::Time now);

// The revision in force, whether this server understands it or not. NOT_FOUND if none is.
absl::StatusOr<storage::PolicyRevisionRecord> RevisionInForce(storage::AccountStore& accounts);

// Puts `policy` in force, whatever is now, by hand and for the reason given. It may widen: who can
// write the database has no need to ask. The revision that was in force before; the same, and
// nothing recorded, if it is the policy's own.
absl::StatusOr<std::string> PutInForceByHand(storage::AccountStore& accounts,
                                             const policy::Policy& policy, absl::string_view reason,
                                             absl::Time now);

// The operator's file.
struct PolicyFile {
  std::string path;
  std::string last_read;  // the revision that it held, as far as it was good
};

// What the file holds comes into force on all servers, or, if it is bad, nothing changes; logged,
// counted and told by GetPolicy and the health of the part `policy_file` either way. It may widen:
// who can write the file has no need to ask. A file that has not changed since it was last read
// does not take back what was activated since then: that is logged, and nothing else. `text` is an
// error if it cannot be read.
void ReloadPolicy(const Dependencies& dependencies, PolicyFile& file,
                  const absl::StatusOr<std::string>& text);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_POLICIES_POLICY_ACTIVATION_H_
