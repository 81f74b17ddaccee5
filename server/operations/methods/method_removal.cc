#include "server/operations/methods/method_removal.h"

#include <algorithm>

#include "server/operations/methods/proofs.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::Status RemoveMethod(Scope& scope, storage::AccountRecord& account,
                          const storage::AuthenticationMethodRecord& method) {
  storage::Transaction& transaction = scope.transaction();
  GATEHOUSE_RETURN_IF_ERROR(transaction.DeleteAuthenticationMethod(account.id, method.id));
  GATEHOUSE_ASSIGN_OR_RETURN(const auto left, transaction.ListAuthenticationMethods(account.id));
  account.authentication_methods = static_cast<int>(std::ranges::count_if(left, CountsAsMethod));
  return CountsAsMethod(method) && account.authentication_methods == 0
             ? RemoveAllMethods(scope, account)
             : absl::OkStatus();
}

absl::Status RemoveAllMethods(Scope& scope, storage::AccountRecord& account) {
  storage::Transaction& transaction = scope.transaction();
  GATEHOUSE_ASSIGN_OR_RETURN(const auto methods, transaction.ListAuthenticationMethods(account.id));
  for (const auto& method : methods) {
    GATEHOUSE_RETURN_IF_ERROR(transaction.DeleteAuthenticationMethod(account.id, method.id));
  }
  account.authentication_methods = 0;
  return absl::OkStatus();
}

}  // namespace gatehouse::server
