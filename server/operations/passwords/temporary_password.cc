#include "server/operations/passwords/temporary_password.h"

#include "server/operations/errors.h"
#include "server/operations/passwords/hashing.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::StatusOr<NewPassword> MakeTemporaryPassword(const Dependencies& dependencies,
                                                  const CallContext& call,
                                                  const policy::Policy& policy,
                                                  const storage::AccountId& account_id,
                                                  const SecretString& given, bool dry_run) {
  if (!given.empty()) {
    return JudgePassword(dependencies, call, policy, account_id,
                         dry_run ? Comparison::kNone : Comparison::kFormerPasswords,
                         "temporary_password", given);
  }
  storage::AccountRecord account;
  GATEHOUSE_RETURN_IF_ERROR(
      FromStore(dependencies.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(account, transaction.FindAccount(account_id));
        return absl::OkStatus();
      })));
  GATEHOUSE_ASSIGN_OR_RETURN(HashPermit permit, AcquirePermit(dependencies, call));
  return NewPassword::Generated(dependencies, permit, policy, account.profile, account.username);
}

}  // namespace gatehouse::server
