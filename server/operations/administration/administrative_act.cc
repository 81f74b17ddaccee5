#include "server/operations/administration/administrative_act.h"

#include <utility>

#include "server/operations/facts/policy_facts.h"
#include "server/operations/secret/verification.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

// What is done with a verification that is the identity check.
using TakeGrant = absl::FunctionRef<absl::Status(MutationScope&, absl::string_view,
                                                 const storage::AccountRecord&)>;

// Whom it is about, and what the policy heard when it allowed it.
struct Allowed {
  storage::AccountRecord target;
  policy::Facts facts;
};

absl::StatusOr<Allowed> Judge(MutationScope& scope, const AdministrativeAct& act, SetFacts set_more,
                              TakeGrant take_grant) {
  GATEHOUSE_ASSIGN_OR_RETURN(storage::AccountRecord target, scope.FindTarget(act.account_id));
  scope.TellIdentityCheck(act.reason, act.identity_check);
  GATEHOUSE_ASSIGN_OR_RETURN(policy::Facts facts, scope.FactsAbout(target));
  SetIdentityCheckFacts(facts, act.identity_check);
  set_more(facts);
  GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
  if (act.identity_check.has_verification_id()) {
    GATEHOUSE_RETURN_IF_ERROR(take_grant(scope, act.identity_check.verification_id(), target));
  }
  GATEHOUSE_RETURN_IF_ERROR(scope.CheckEtag(act.etag, target.row_version));
  return Allowed{.target = std::move(target), .facts = std::move(facts)};
}

}  // namespace

void AdministrativeAct::Check(RequestCheck& check) const {
  check.Id("account_id", account_id, Presence::kRequired);
  check.Reason("reason", reason, Presence::kRequired);
  check.IdentityCheck(identity_check);
  check.RequestId(request_id);
}

absl::Status AdministrativeAct::Check(const policy::Policy& policy) const {
  RequestCheck check(policy);
  Check(check);
  return check.status();
}

absl::StatusOr<storage::AccountRecord> JudgeTarget(MutationScope& scope,
                                                   const AdministrativeAct& act,
                                                   SetFacts set_more) {
  GATEHOUSE_ASSIGN_OR_RETURN(Allowed allowed, Judge(scope, act, set_more, UseGrant));
  return std::move(allowed.target);
}

absl::StatusOr<storage::AccountRecord> JudgeTargetAndPassword(
    MutationScope& scope, const AdministrativeAct& act,
    const std::optional<NewPassword>& password) {
  const auto set_password = [&](policy::Facts& facts) {
    SetPasswordFacts(facts, password, Reuse::kWithheld);
  };
  GATEHOUSE_ASSIGN_OR_RETURN(Allowed allowed, Judge(scope, act, set_password, UseGrant));
  if (password.has_value()) {
    GATEHOUSE_RETURN_IF_ERROR(password->DecideReuse(scope, allowed.facts, allowed.target));
  }
  return std::move(allowed.target);
}

absl::Status JudgeWithoutPassword(MutationScope& scope, const AdministrativeAct& act) {
  return Judge(
             scope, act, [](policy::Facts&) {}, CheckGrant)
      .status();
}

}  // namespace gatehouse::server
