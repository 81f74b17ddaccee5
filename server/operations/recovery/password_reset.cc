#include "server/operations/recovery/password_reset.h"

#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status ResetInvalid() {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_RESET_INVALID,
               "this password reset is unknown, used or over, or a code comes first; start again");
}

absl::StatusOr<OpenProof> FindReset(MutationScope& scope, const KeyRing& keys,
                                    const std::string& reset_id) {
  return FindOpenProof(scope, keys, reset_id, storage::ProofPurpose::kPasswordReset,
                       ResetInvalid());
}

absl::StatusOr<policy::Facts> FactsOfReset(MutationScope& scope, const OpenProof& proof) {
  GATEHOUSE_ASSIGN_OR_RETURN(
      policy::Facts facts,
      scope.FactsAbout(*proof.account, policy::Action::COMPLETE_PASSWORD_RESET));
  facts.Set(policy::Fact::kRequestMethodsVerified,
            static_cast<int64_t>(proof.record.proven_methods.size()));
  return facts;
}

}  // namespace gatehouse::server
