#include <string>

#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/policies/named_policy.h"
#include "server/operations/policies/policy_difference.h"
#include "server/operations/policy_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::StatusOr<v1::DiffPoliciesResponse> DiffPolicies(const Dependencies& dependencies,
                                                      const CallContext& call,
                                                      const v1::DiffPoliciesRequest& request) {
  const auto policy = dependencies.policies.Get();
  RequestCheck check(*policy);
  CheckSource("base", request.base(), Presence::kOptional, check);
  CheckSource("candidate", request.candidate(), Presence::kRequired, check);
  GATEHOUSE_RETURN_IF_ERROR(check.status());

  std::string base_text(policy->text());
  std::string candidate_text;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::DIFF_POLICIES,
      [&](Scope& scope) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
        if (request.has_base()) {
          GATEHOUSE_ASSIGN_OR_RETURN(base_text, ReadText(scope.transaction(), request.base()));
        }
        GATEHOUSE_ASSIGN_OR_RETURN(candidate_text,
                                   ReadText(scope.transaction(), request.candidate()));
        return absl::OkStatus();
      }));
  GATEHOUSE_ASSIGN_OR_RETURN(const PolicyPtr base, Compile(base_text, policy));
  GATEHOUSE_ASSIGN_OR_RETURN(const PolicyPtr candidate, Compile(candidate_text, policy));
  return ToMessage(policy::analysis::Diff(*base, *candidate));
}

}  // namespace gatehouse::server
