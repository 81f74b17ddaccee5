// The policies that requests name, by revision or by text, and revisions as the API tells them.
// Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_POLICIES_NAMED_POLICY_H_
#define GATEHOUSE_SERVER_OPERATIONS_POLICIES_NAMED_POLICY_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "gatehouse/v1/policy_service.pb.h"
#include "policy/policy.h"
#include "server/operations/call/request_check.h"
#include "server/operations/call/scope.h"
#include "server/policies/policy_text.h"
#include "storage/account_store.h"

namespace gatehouse::server {

using PolicyPtr = std::shared_ptr<const policy::Policy>;

// Of a request's field: a source that names nothing, or a revision that cannot be one.
void CheckSource(absl::string_view field, const v1::PolicySource& source, Presence presence,
                 RequestCheck& check);

// The stored revision. NOT_FOUND / POLICY_REVISION_UNKNOWN.
absl::StatusOr<storage::PolicyRevisionRecord> FindRevision(storage::Transaction& transaction,
                                                           absl::string_view revision);

// The text that `source` names: to be read in a transaction, and compiled after it. NOT_FOUND /
// POLICY_REVISION_UNKNOWN.
absl::StatusOr<std::string> ReadText(storage::Transaction& transaction,
                                     const v1::PolicySource& source);

// What stands against a text's taking effect: INVALID_ARGUMENT / POLICY_INVALID, or
// FAILED_PRECONDITION / POLICY_TESTS_FAILED, with the first few faults.
absl::Status ToStatus(const TestedPolicy& tested);

// A policy without errors, whose tests may fail. `present` is answered for its own text.
absl::StatusOr<PolicyPtr> Compile(absl::string_view text, const PolicyPtr& present);

// As it stands in the database, where `active` is in force.
v1::PolicyRevision ToMessage(const storage::PolicyRevisionRecord& revision,
                             absl::string_view active);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_POLICIES_NAMED_POLICY_H_
