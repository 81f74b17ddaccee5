// Taking second factors away, whoever does it, in the transaction of what they do. Thread-safe;
// errors are the store's.
#ifndef GATEHOUSE_SERVER_OPERATIONS_METHODS_METHOD_REMOVAL_H_
#define GATEHOUSE_SERVER_OPERATIONS_METHODS_METHOD_REMOVAL_H_

#include "absl/status/status.h"

#include "server/operations/call/scope.h"
#include "storage/authentication_records.h"
#include "storage/records.h"

namespace gatehouse::server {

// One of the account's. With the last that counts the printed codes go too, which would open
// nothing by themselves. The account still has to be saved.
absl::Status RemoveMethod(Scope& scope, storage::AccountRecord& account,
                          const storage::AuthenticationMethodRecord& method);

// All of them.
absl::Status RemoveAllMethods(Scope& scope, storage::AccountRecord& account);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_METHODS_METHOD_REMOVAL_H_
