#include "server/operations/administrative_act.h"

#include "server/operations/errors.h"
#include "server/operations/policy_facts.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

// Nobody can have been recognised by letters yet: no verification is on record, whatever its id.
absl::Status NoSuchVerification() {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_VERIFICATION_INVALID,
               "no verification with this id is good for it; attest who the person is");
}

}  // namespace

void AdministrativeAct::Check(RequestCheck& check) const {
  check.Id("account_id", account_id, Presence::kRequired);
  check.Reason("reason", reason, Presence::kRequired);
  check.IdentityCheck(identity_check);
  check.RequestId(request_id);
}

absl::StatusOr<storage::AccountRecord> JudgeTarget(MutationScope& scope,
                                                   const AdministrativeAct& act,
                                                   SetFacts set_more) {
  GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target, scope.FindTarget(act.account_id));
  scope.TellIdentityCheck(act.reason, act.identity_check);
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
  SetIdentityCheckFacts(facts, act.identity_check);
  set_more(facts);
  GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
  if (act.identity_check.has_verification_id()) return scope.Refuse(NoSuchVerification());
  GATEHOUSE_RETURN_IF_ERROR(scope.CheckEtag(act.etag, target.row_version));
  return target;
}

absl::Status JudgeWithoutPassword(MutationScope& scope, const AdministrativeAct& act) {
  return JudgeTarget(scope, act, [](policy::Facts&) {}).status();
}

}  // namespace gatehouse::server
