#include "server/operations/accounts/new_account.h"

#include "policy/facts.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/notifications.h"
#include "server/operations/call/propagation.h"
#include "server/operations/errors.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status DecideNewAccounts(MutationScope& scope, const storage::OrganisationId& organisation) {
  GATEHOUSE_ASSIGN_OR_RETURN(const storage::OrganisationRecord found,
                             scope.FindOrganisation(organisation));
  scope.SetOrganisation(found.id);
  policy::Facts facts = scope.FactsAbout(found);
  facts.Set(policy::Fact::kRequestOrganisationId, found.id.value());
  return scope.Decide(facts);
}

storage::AccountRecord ToRecord(const NewAccount& account, absl::Time now) {
  return {.id = account.id,
          .organisation_id = account.organisation_id,
          .username = account.username,
          .profile = FromMessage(account.profile),
          .status = v1::ACCOUNT_STATUS_PENDING,
          .status_changed_at = now,
          .created_at = now,
          .joined_at = now};
}

absl::Status UsernameTaken() {
  return Error(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_USERNAME_TAKEN,
               "the username belongs, or belonged, to another account");
}

bool IsUsernameTaken(const absl::Status& status) {
  return ReasonOf(status) == ReasonName(v1::ERROR_REASON_USERNAME_TAKEN);
}

absl::Status InsertNewAccount(MutationScope& scope, const storage::AccountRecord& account,
                              const std::string& message_id, NotificationKind kind) {
  const absl::Status inserted = scope.transaction().InsertAccount(account);
  if (absl::IsAlreadyExists(inserted)) return UsernameTaken();
  GATEHOUSE_RETURN_IF_ERROR(inserted);
  scope.SetTarget(account);
  GATEHOUSE_RETURN_IF_ERROR(Notify(scope, message_id, account, kind));
  return Propagate(scope, message_id, {}, account);
}

}  // namespace gatehouse::server
