// How many codes may be wrong, and how many sent, before no more are compared or sent: in one
// proof, for its subject and purpose within a window, and from one address. The counting is a part
// of the transaction that compares or sends. Belongs to one call.
#ifndef GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_LIMITS_H_
#define GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_LIMITS_H_

#include <string>

#include "absl/status/status.h"

#include "server/operations/call/mutation_scope.h"
#include "storage/authentication_records.h"
#include "storage/records.h"

namespace gatehouse::server {

// Each OK, or a refusal that the body has to return: RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS from
// this address, or CODES_EXHAUSTED.
absl::Status CheckWrongCodes(MutationScope& scope, const storage::ProofRecord& proof);
absl::Status CheckSentCodes(MutationScope& scope, const storage::ProofRecord& proof);
// RESOURCE_EXHAUSTED / TOO_MANY_ATTEMPTS; counts one more reset begun from `source` otherwise. An
// empty one is not known.
absl::Status CountResetBegun(MutationScope& scope, const std::string& source);

// One more wrong code of a proof. That no more are taken is told to `owner`, unless that is
// nullptr, once a window, by a message called `message_id`.
absl::Status CountWrongCode(MutationScope& scope, storage::ProofRecord& proof,
                            const storage::AccountRecord* owner, const std::string& message_id);

// The way out before the window is over, for whoever may take the methods away as well: less would
// give a helpdesk, who knows the temporary password, as many guesses as it likes. Codes of resets
// stay counted, since nothing that happens to an account may show in what a name is answered.
absl::Status ForgetWrongCodes(MutationScope& scope, const storage::AccountId& account_id);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_METHODS_CODE_LIMITS_H_
