#include "server/operations/accounts/retention.h"

namespace gatehouse::server {

absl::Duration RetentionOf(const policy::Policy& policy, storage::Perishable what) {
  using policy::Parameter;
  using storage::Perishable;
  switch (what) {
    case Perishable::kRevocations:
      return absl::ZeroDuration();  // their own keep_until says it
    case Perishable::kReplays:
    case Perishable::kImportedItems:
      return policy.Duration(Parameter::kRequestIdLifetime);
    case Perishable::kUnknownNameFailures:
    case Perishable::kSourceFailures:
      return policy.Duration(Parameter::kSourceWindow);
    case Perishable::kProofs:
      return absl::ZeroDuration();  // their own expires_at says it
    case Perishable::kCodeEvents:
      return policy.Duration(Parameter::kCodeWindow);
    case Perishable::kUnconfirmedMethods:
      return policy.Duration(Parameter::kRegistrationLifetime);
    case Perishable::kUnknownNameReservations:
      return policy.Duration(Parameter::kAttemptTimeout);
    case Perishable::kVerifications:
      return policy.Duration(Parameter::kVerificationGrantLifetime);
  }
  return absl::InfiniteDuration();
}

}  // namespace gatehouse::server
