// What administrators' acts on somebody's account have in common: whom, why, how the person was
// recognised, as which version; how that is checked, and how it is judged. Thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ADMINISTRATION_ADMINISTRATIVE_ACT_H_
#define GATEHOUSE_SERVER_OPERATIONS_ADMINISTRATION_ADMINISTRATIVE_ACT_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "gatehouse/v1/identity_check.pb.h"
#include "policy/facts.h"
#include "server/operations/call/mutation_scope.h"
#include "server/operations/call/request_check.h"
#include "server/operations/passwords/new_password.h"
#include "storage/account_store.h"

namespace gatehouse::server {

// That part of a request, which outlives it.
struct AdministrativeAct {
  template <typename Request>
  explicit AdministrativeAct(const Request& request)
      : request_id(request.request_id()),
        account_id(request.account_id()),
        reason(request.reason()),
        identity_check(IdentityCheckOf(request)),
        etag(request.etag()) {}

  void Check(RequestCheck& check) const;
  // INVALID_ARGUMENT with every fault, of a request that says nothing more.
  absl::Status Check(const policy::Policy& policy) const;

  const std::string& request_id;
  const std::string& account_id;
  const std::string& reason;
  const v1::IdentityCheck& identity_check;
  const std::string& etag;

 private:
  // Empty where the act asks for none.
  template <typename Request>
  static const v1::IdentityCheck& IdentityCheckOf(const Request& request) {
    if constexpr (requires { request.identity_check(); }) {
      return request.identity_check();
    } else {
      return v1::IdentityCheck::default_instance();
    }
  }
};

using SetFacts = absl::FunctionRef<void(policy::Facts&)>;

// The account acted on, once nothing stands against it: judged with the facts that `set_more` adds,
// and told in the audit event. A verification that was the identity check is used up.
absl::StatusOr<storage::AccountRecord> JudgeTarget(MutationScope& scope,
                                                   const AdministrativeAct& act, SetFacts set_more);

// The same for an act that brings a password, or leaves none. Whether it is a former one is decided
// last: else a guess at what the person's password is would be answered, and have no effect.
absl::StatusOr<storage::AccountRecord> JudgeTargetAndPassword(
    MutationScope& scope, const AdministrativeAct& act, const std::optional<NewPassword>& password);

// Preview's body for an act that brings a password: everything that the password has no part in.
absl::Status JudgeWithoutPassword(MutationScope& scope, const AdministrativeAct& act);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ADMINISTRATION_ADMINISTRATIVE_ACT_H_
