// What the body of a mutation works with: a scope that can write. It keeps together what the
// mutation's audit event will say, the one entry that it makes in the revocation log, and whether a
// refusal is to stay on record. The event goes to the log of the target's organisation, or the
// actor's where there is no target. Made anew for each run of the body; belongs to one thread.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_MUTATION_SCOPE_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_MUTATION_SCOPE_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "gatehouse/v1/identity_check.pb.h"
#include "policy/decision.h"
#include "policy/policy.h"
#include "server/operations/call/scope.h"
#include "server/operations/call_context.h"
#include "storage/account_store.h"
#include "storage/session_store.h"

namespace gatehouse::server {

class MutationScope : public Scope {
 public:
  MutationScope(storage::Transaction& transaction, const CallContext& call,
                const policy::Policy& policy, DecisionJournal& journal,
                policy::Action::Value action);

  absl::Status SetActor(const storage::SessionRecord& session);

  // The account acted on.
  absl::StatusOr<storage::AccountRecord> FindTarget(absl::string_view account_id);
  // The same, or the actor's own where no id is given.
  absl::StatusOr<storage::AccountRecord> FindTargetOrOwn(absl::string_view account_id);
  void SetTarget(const storage::AccountRecord& account);
  // The actor's own account, acted on.
  storage::AccountRecord OwnAccount();
  // For an operation on an organisation instead; an empty id is the system's own log.
  void SetOrganisation(const storage::OrganisationId& id) { audit_.organisation_id = id; }

  // ABORTED / ETAG_STALE unless `etag` is empty or the row's.
  absl::Status CheckEtag(absl::string_view etag, int64_t row_version) const;
  // Stores the account; the record's row_version follows.
  absl::Status Save(storage::AccountRecord& account);

  // Ends sessions, or says that what they tell of the account's roles, organisation or state is out
  // of date; at most one of these in a mutation, which CommitRevoking must run. The account still
  // has to be saved.
  absl::Status RevokeAllSessions(storage::AccountRecord& account,
                                 const std::optional<storage::SessionDigest>& except);
  absl::Status RevokeSession(const storage::SessionKey& key);
  absl::Status RevokeEverything();
  absl::Status RenewAuthorisation(storage::AccountRecord& account);
  // Changes which policies decide; servers learn of it as of a revocation, so it counts as the one
  // of this mutation, though it ends no session.
  absl::Status ChangePolicyState(const storage::PolicyStateRecord& state);
  const std::optional<storage::RevocationRecord>& revocation() const { return revocation_; }

  // As Refuse, but what the body has written until then stays, with the refusal's audit event, and
  // the refusal is what a repeated request is answered: for what counts guesses. The body returns
  // the result at once.
  absl::Status RefuseAndKeep(absl::Status refusal);
  absl::Status RefuseAndKeep(const policy::Decision& decision);
  bool keeps_refusal() const { return keeps_refusal_; }

  // A word for the audit event; never a secret. An empty one is not told.
  void Tell(absl::string_view name, absl::string_view value);
  // Why the administrator did it, and how they made sure of whom they were helping.
  void TellIdentityCheck(absl::string_view reason, const v1::IdentityCheck& check);
  // The number that this mutation's audit event will have.
  absl::StatusOr<int64_t> AuditSequence();
  const storage::AuditRecord& audit() const { return audit_; }

 private:
  absl::Status Append(storage::RevocationRecord revocation);

  storage::AuditRecord audit_;
  std::optional<storage::RevocationRecord> revocation_;
  bool keeps_refusal_ = false;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_MUTATION_SCOPE_H_
