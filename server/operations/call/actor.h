// Who is calling: the actor behind the session token that came with the call. It is established
// before anything slow, and again inside the transaction that relies on it: what was decided before
// a revocation must not commit after it. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_ACTOR_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_ACTOR_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/revocation/session_judge.h"
#include "server/secrets/secret_string.h"
#include "storage/account_store.h"
#include "storage/session_store.h"

namespace gatehouse::server {

// What a token names; nullopt for what is no token.
std::optional<storage::SessionKey> KeyOf(const SecretString& token);

// A judgement, and the session store's own errors, in the API's words.
absl::Status ToStatus(const SessionJudgement& judgement);
absl::Status FromSessionStore(const absl::Status& status);

// The session that a token names, if it is valid now. Blocks until the session store has answered.
// UNAUTHENTICATED / SESSION_INVALID, or UNAVAILABLE where the truth cannot be had.
absl::StatusOr<storage::FoundSession> FindValidSession(const Dependencies& dependencies,
                                                       const CallContext& call,
                                                       const SecretString& token);

// The account of a session that was valid before, read and checked again in `transaction`.
// UNAUTHENTICATED / SESSION_INVALID when the session has ended meanwhile.
absl::StatusOr<storage::AccountRecord> RecheckActor(storage::Transaction& transaction,
                                                    const storage::SessionRecord& session);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_ACTOR_H_
