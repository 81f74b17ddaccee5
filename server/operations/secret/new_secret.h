// An account secret that is about to become somebody's: what the policy has to know of it, and its
// two forms at rest. Worked out before the transaction, from the account as it was then; Install
// refuses when the account's secret has changed since. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_SECRET_NEW_SECRET_H_
#define GATEHOUSE_SERVER_OPERATIONS_SECRET_NEW_SECRET_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "policy/facts.h"
#include "policy/policy.h"
#include "server/operations/call/scope.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"
#include "server/secrets/account_secret.h"
#include "server/secrets/hash_gate.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/secret_string.h"
#include "storage/records.h"

namespace gatehouse::server {

class NewSecret {
 public:
  // `history`: the account's former secrets and the present one, as many as the policy compares.
  static absl::StatusOr<NewSecret> Make(const Dependencies& dependencies, HashPermit& permit,
                                        const policy::Policy& policy,
                                        const storage::AccountRecord& account,
                                        const std::string& organisation_name,
                                        const std::vector<std::string>& history,
                                        const SecretString& secret);

  // secret.*
  void SetFacts(policy::Facts& facts) const;

  // Makes it the account's, and retires the security questions. ABORTED / CONFLICT when it was
  // judged by another secret, or in another organisation, than the account has now.
  absl::Status Install(Scope& scope, storage::AccountRecord& account) const;

 private:
  NewSecret() = default;

  AccountSecretFacts facts_;
  bool reused_ = false;
  int64_t former_version_ = 0;
  storage::OrganisationId organisation_id_;
  KeyRing::Sealed sealed_;
  std::string history_entry_;
};

// Reads the account and judges `secret` for it; `profile`, where given, is the one that will be
// saved together with it. Blocks for a turn at the hash gate.
absl::StatusOr<NewSecret> JudgeSecret(const Dependencies& dependencies, const CallContext& call,
                                      const policy::Policy& policy, const storage::AccountId& id,
                                      const std::optional<storage::ProfileRecord>& profile,
                                      const SecretString& secret);

// Takes the account's secret away, and its security questions. The secret stays in the history, so
// that it cannot return. The account still has to be saved.
absl::Status RetireSecret(Scope& scope, storage::AccountRecord& account);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_SECRET_NEW_SECRET_H_
