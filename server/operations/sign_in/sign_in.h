// What a sign-in comes to once it is clear that it is the person's: a session, whether a password
// alone was asked for or a second factor too. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_SIGN_IN_SIGN_IN_H_
#define GATEHOUSE_SERVER_OPERATIONS_SIGN_IN_SIGN_IN_H_

#include <string>

#include "absl/status/status.h"

#include "policy/policy.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/sessions/new_session.h"
#include "storage/records.h"

namespace gatehouse::server {

// Issues the session, with `sign_in`'s obligations, and saves what being used makes of the account.
// `rehashed` takes the place of the password's hash; empty: that stays. The session has yet to be
// stored.
absl::Status OpenSession(MutationScope& scope, NewSession& session, storage::AccountRecord& account,
                         const policy::Decision& sign_in, const std::string& rehashed);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_SIGN_IN_SIGN_IN_H_
