#include "server/operations/sign_in/sign_in.h"

#include "server/operations/call/propagation.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status OpenSession(MutationScope& scope, NewSession& session, storage::AccountRecord& account,
                         const policy::Decision& sign_in, const std::string& rehashed) {
  const storage::AccountRecord before = account;
  GATEHOUSE_RETURN_IF_ERROR(session.Issue(scope, account, sign_in));
  const std::string session_id = session.record().key.digest.ToSessionId();
  scope.Tell("session_id", session_id);
  if (!rehashed.empty()) account.password.phc = rehashed;
  const bool changed =
      account.status != before.status || account.status_changed_at != before.status_changed_at ||
      account.resecured_at != before.resecured_at ||
      account.password.temporary_until != before.password.temporary_until || !rehashed.empty();
  if (!changed) return absl::OkStatus();
  GATEHOUSE_RETURN_IF_ERROR(scope.Save(account));
  return Propagate(scope, session_id, before, account);
}

}  // namespace gatehouse::server
