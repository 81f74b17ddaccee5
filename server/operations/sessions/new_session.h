// Issuing a session: its level and its life follow from the policy's obligations for the account as
// it is in the transaction that issues it; its token is drawn before, its record stored after. Not
// thread-safe: one belongs to one call.
#ifndef GATEHOUSE_SERVER_OPERATIONS_SESSIONS_NEW_SESSION_H_
#define GATEHOUSE_SERVER_OPERATIONS_SESSIONS_NEW_SESSION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "gatehouse/v1/session.pb.h"
#include "server/operations/call/scope.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/secrets/secret_string.h"
#include "server/secrets/token.h"
#include "storage/records.h"
#include "storage/session_store.h"

namespace gatehouse::server {

class NewSession {
 public:
  // Draws the token.
  NewSession(const Dependencies& dependencies, const storage::AccountId& account_id);

  // Writes the record for `account` as it will be committed, with `sign_in`'s obligations. A FULL
  // one counts as a use of the account, and makes a PENDING or INACTIVE one ACTIVE and a temporary
  // password a lasting one, in which case it still has to be saved. A session never outlives the
  // account's next change of status.
  absl::Status Issue(Scope& scope, storage::AccountRecord& account,
                     const policy::Decision& sign_in);

  // As Issue, for a session that goes on under a new token after what its owner did: with what is
  // left to do now. One that was FULL `before` stays so: what has come to be demanded since, such
  // as a new acceptable use policy, waits for the next sign-in.
  absl::Status Continue(Scope& scope, storage::AccountRecord& account,
                        v1::SessionLevel before = v1::SESSION_LEVEL_RESTRICTED);

  // After the commit, which ended the session that this one follows, if any. UNAVAILABLE: what the
  // call did stands, and signing in gives another session.
  absl::Status Store(const Dependencies& dependencies, const CallContext& call,
                     const storage::ClientRecord& client) const;

  const storage::SessionRecord& record() const { return record_; }
  // As its owner sees it.
  v1::Session Describe(const storage::ClientRecord& client) const;
  std::string TellToken() const { return std::string(token_.text.Reveal()); }

 private:
  IssuedToken token_;
  storage::SessionRecord record_;
};

// How the device behind a session was described; empty when that cannot be found out.
storage::ClientRecord ClientOfSession(const Dependencies& dependencies, const CallContext& call,
                                      const storage::SessionKey& key);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_SESSIONS_NEW_SESSION_H_
