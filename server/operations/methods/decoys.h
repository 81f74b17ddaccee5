// What a password reset answers for names that nobody has, and for those who have no method to
// reset a password by: methods that look like somebody's (product/domain.md, section 8). They
// follow from a name by a key that is never rotated, so that the same name gets the same ones for
// as long as there is a system; a change would tell them from real ones. Pure functions.
#ifndef GATEHOUSE_SERVER_OPERATIONS_METHODS_DECOYS_H_
#define GATEHOUSE_SERVER_OPERATIONS_METHODS_DECOYS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "policy/policy.h"
#include "server/secrets/key_ring.h"
#include "storage/authentication_records.h"

namespace gatehouse::server {

// As what a name without a method is in the books: whose wrong codes those of its resets are.
std::string DecoySubject(const KeyRing& keys, absl::string_view username);

// At least one, and no more than an account may have. Every kind and number of methods by which an
// account may reset its password occurs.
std::vector<storage::AuthenticationMethodRecord> DecoyMethods(const KeyRing& keys,
                                                              const policy::Policy& policy,
                                                              absl::string_view subject);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_METHODS_DECOYS_H_
