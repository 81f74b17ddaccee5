// Proving to have a second factor, whatever for: the one place where a code that a person typed is
// compared with anything (product/domain.md, sections 7 and 8).
//
// A proof goes on over several calls, and its record is the state machine: whose it is, what it is
// for, the account's epoch and the revocation log's position at its start, the code that was sent
// last, how many were wrong, which methods are proven. What is compared is on record before it is
// answered, since both are one transaction; that transactions come one after the other leaves no
// room for parallel guesses, and lets one of many right answers win. A code is good once. Wrong
// ones are counted in the proof, for its subject and purpose over all its proofs, and for the
// address that they come from.
//
// A name that nobody has gets proofs too, by decoys: methods that follow from its keyed hash, whose
// codes are never sent and never right. Belongs to one call.
#ifndef GATEHOUSE_SERVER_OPERATIONS_METHODS_PROOFS_H_
#define GATEHOUSE_SERVER_OPERATIONS_METHODS_PROOFS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "policy/policy.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/dependencies.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/secret_string.h"
#include "storage/authentication_records.h"
#include "storage/session_store.h"

namespace gatehouse::server {

// What the API calls a proof, of which only the digest is kept.
struct ProofName {
  explicit ProofName(Entropy& entropy);

  SecretString text;  // told once
  std::string digest;
};

// A code to be sent, drawn before the transaction that sends it.
struct PreparedCode {
  PreparedCode(const Dependencies& dependencies, const policy::Policy& policy);

  SecretString digits;
  std::string message_id;
  KeyRing::Sealed sealed;  // the digits, bound to the message
};

// A proof under way, with whose it is.
struct OpenProof {
  storage::ProofRecord record;
  std::optional<storage::AccountRecord> account;             // nullopt: by decoys
  std::vector<storage::AuthenticationMethodRecord> methods;  // those it may be by

  // Nullptr where the proof is not by this method.
  storage::AuthenticationMethodRecord* FindMethod(absl::string_view method_id);
};

// Whether it is one of AccountRecord::authentication_methods: confirmed, and no printed codes,
// which only stand in for one at a sign-in.
bool CountsAsMethod(const storage::AuthenticationMethodRecord& method);

// By which a proof may be: a registration's by those that are not confirmed yet.
absl::StatusOr<std::vector<storage::AuthenticationMethodRecord>> MethodsFor(
    storage::Transaction& transaction, const storage::AccountId& account_id,
    storage::ProofPurpose purpose);

// The proof that the API calls `name`, if it is for `purpose` and still good: in time, under the
// epoch in which it began, and with no emergency stop since; a registration, if it is the actor's.
// Also makes its account the scope's target. `refusal` otherwise.
absl::StatusOr<OpenProof> FindOpenProof(MutationScope& scope, const KeyRing& keys,
                                        absl::string_view name, storage::ProofPurpose purpose,
                                        const absl::Status& refusal);

// Sends `code` by one of the proof's methods, which takes the place of an earlier one. Answers
// until when it is good. FAILED_PRECONDITION / AUTHENTICATION_METHOD_INVALID, RESOURCE_EXHAUSTED /
// CODES_EXHAUSTED.
absl::StatusOr<absl::Time> SendCode(MutationScope& scope, const Dependencies& dependencies,
                                    OpenProof& proof, absl::string_view method_id,
                                    const PreparedCode& code);

// OK when `typed` is the method's code, which is used up then, and the method proven. Otherwise a
// refusal that the body has to return at once: AUTHENTICATION_METHOD_INVALID, CODES_EXHAUSTED, or
// FAILED_PRECONDITION / CODE_INVALID, which is counted and stays so. What the owner has to know of
// it is told by a message called `message_id`.
absl::Status TryCode(MutationScope& scope, const Dependencies& dependencies, OpenProof& proof,
                     absl::string_view method_id, absl::string_view typed,
                     const std::string& message_id);

absl::Status AuthenticationMethodInvalid();

// To what an authenticator's shared secret is bound when it is sealed.
std::string PlaceOfTotpSecret(const storage::AccountId& account_id, absl::string_view method_id);

storage::ClientRecord ClientOf(const storage::ProofRecord& proof);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_METHODS_PROOFS_H_
