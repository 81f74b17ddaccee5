#include "server/operations/temporary_password.h"

#include <string>
#include <vector>

#include "server/operations/errors.h"
#include "server/operations/hashing.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::StatusOr<NewPassword> MakeTemporaryPassword(const Dependencies& dependencies,
                                                  const CallContext& call,
                                                  const policy::Policy& policy,
                                                  const storage::AccountId& account_id,
                                                  const SecretString& given, bool dry_run) {
  storage::AccountRecord account;
  std::vector<std::string> former;
  if (!given.empty()) {
    const absl::Status read =
        dependencies.accounts.Read([&](storage::Transaction& transaction) -> absl::Status {
          GATEHOUSE_ASSIGN_OR_RETURN(account, transaction.FindAccount(account_id));
          if (dry_run) return absl::OkStatus();
          GATEHOUSE_ASSIGN_OR_RETURN(former, FormerPasswords(transaction, account, policy));
          return absl::OkStatus();
        });
    if (!read.ok() && !absl::IsNotFound(read)) return FromStore(read);
  }
  GATEHOUSE_ASSIGN_OR_RETURN(HashPermit permit, AcquirePermit(dependencies, call));
  if (given.empty()) return NewPassword::Generated(dependencies, permit, policy);
  return NewPassword::Chosen(dependencies, permit, policy, account, former, "temporary_password",
                             given);
}

}  // namespace gatehouse::server
