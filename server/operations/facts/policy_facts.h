// From records and requests to the policy's facts. Each function sets every fact of its group, so
// that what it is not called for stays unknown and a decision that needs it is refused.
// Thread-safe; `facts` belongs to the caller.
#ifndef GATEHOUSE_SERVER_OPERATIONS_FACTS_POLICY_FACTS_H_
#define GATEHOUSE_SERVER_OPERATIONS_FACTS_POLICY_FACTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "gatehouse/v1/identity_check.pb.h"
#include "policy/facts.h"
#include "policy/policy.h"
#include "server/operations/call_context.h"
#include "storage/account_store.h"
#include "storage/recognition_record.h"
#include "storage/records.h"
#include "storage/session_store.h"

namespace gatehouse::server {

// now and caller.*. The actor is nobody until SetActorFacts says otherwise, the request brings
// nothing until its own facts are set.
policy::Facts FactsOfCall(const CallContext& call);

// actor.*, and request.own_session = false.
void SetActorFacts(policy::Facts& facts, const storage::AccountRecord& actor,
                   const storage::SessionRecord& session);

// Where an account is, and what counts for everybody there.
struct Surroundings {
  storage::OrganisationRecord organisation;
  absl::StatusOr<storage::AcceptableUsePolicyRecord> aup;  // NOT_FOUND before the first
};
absl::StatusOr<Surroundings> ReadSurroundings(storage::Transaction& transaction,
                                              const storage::OrganisationId& organisation_id);

// account.* but for recognition, organisation.* and aup.* for an account that exists. Reads its
// surroundings, and, for holders of the roles that the system cannot be without, whether another
// one holds them. Those that cannot be read stay unknown.
absl::Status SetAccountFacts(policy::Facts& facts, storage::Transaction& transaction,
                             const storage::AccountRecord& account, const policy::Policy& policy,
                             absl::Time now);
// The same in surroundings that have been read already.
absl::Status SetAccountFacts(policy::Facts& facts, storage::Transaction& transaction,
                             const storage::AccountRecord& account,
                             const Surroundings& surroundings, const policy::Policy& policy,
                             absl::Time now);

// How an account stands with recognising its caller: account.verification_* and
// account.secret_overheard. Few rules ask for them, and they are read from tables of their own.
void SetRecognitionFacts(policy::Facts& facts, const storage::RecognitionRecord& standing);
bool AsksForRecognition(const policy::Policy& policy, policy::Action::Value action);

// organisation.* for an operation that names one instead of an account.
void SetOrganisationFacts(policy::Facts& facts, const storage::OrganisationRecord& organisation);

// aup.*, of the version published last; `current` is NOT_FOUND before the first.
void SetAupFacts(policy::Facts& facts,
                 const absl::StatusOr<storage::AcceptableUsePolicyRecord>& current);

// identity_check.*
void SetIdentityCheckFacts(policy::Facts& facts, const v1::IdentityCheck& check);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_FACTS_POLICY_FACTS_H_
