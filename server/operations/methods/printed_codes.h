// Codes to print, that stand in for an authentication method at a sign-in, each once: a set of them
// is one method of its account, which ends with the last. Belongs to one call.
#ifndef GATEHOUSE_SERVER_OPERATIONS_METHODS_PRINTED_CODES_H_
#define GATEHOUSE_SERVER_OPERATIONS_METHODS_PRINTED_CODES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "policy/policy.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/dependencies.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/secret_string.h"
#include "storage/authentication_records.h"
#include "storage/records.h"

namespace gatehouse::server {

// The detail of the audit event that tells that a set was given by itself, at its owner's wish.
inline constexpr absl::string_view kPrintedCodesRenewed = "recovery_codes";

// A set that was drawn before the transaction that gives it.
class PrintedCodes {
 public:
  PrintedCodes(const Dependencies& dependencies, const policy::Policy& policy,
               const storage::AccountId& account_id);

  // In place of the set that the account has, if it has one. The set as it is kept.
  absl::StatusOr<storage::AuthenticationMethodRecord> Give(MutationScope& scope) const;

  // Told once.
  const std::vector<SecretString>& texts() const { return texts_; }

 private:
  storage::AuthenticationMethodRecord method_;
  std::vector<SecretString> texts_;
};

bool IsPrinted(const storage::AuthenticationMethodRecord& method);

// Whether it is one of the set; strikes it out. The set has yet to be kept.
bool UsePrintedCode(const KeyRing& keys, const SecretString& normalized,
                    storage::AuthenticationMethodRecord& set);

// Keeps a set of which one was used, if anything is left of it, and tells the owner by a message
// called `message_id` once that is little.
absl::Status KeepPrintedCodes(MutationScope& scope, const storage::AuthenticationMethodRecord& set,
                              const storage::AccountRecord& owner, const std::string& message_id);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_METHODS_PRINTED_CODES_H_
