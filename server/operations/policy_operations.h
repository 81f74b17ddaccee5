// PolicyService, a function a method (policy_service.proto says what each does and how it fails).
// All are thread-safe and run to completion on the calling thread; those that compile, compare or
// replay policies may keep it busy for seconds.
#ifndef GATEHOUSE_SERVER_OPERATIONS_POLICY_OPERATIONS_H_
#define GATEHOUSE_SERVER_OPERATIONS_POLICY_OPERATIONS_H_

#include "absl/status/statusor.h"

#include "gatehouse/v1/policy_service.pb.h"
#include "server/operations/call_context.h"
#include "server/operations/dependencies.h"

namespace gatehouse::server {

absl::StatusOr<v1::GetPolicyResponse> GetPolicy(const Dependencies&, const CallContext&,
                                                const v1::GetPolicyRequest&);
absl::StatusOr<v1::ListPolicyRevisionsResponse> ListPolicyRevisions(
    const Dependencies&, const CallContext&, const v1::ListPolicyRevisionsRequest&);
absl::StatusOr<v1::ValidatePolicyResponse> ValidatePolicy(const Dependencies&, const CallContext&,
                                                          const v1::ValidatePolicyRequest&);
absl::StatusOr<v1::DiffPoliciesResponse> DiffPolicies(const Dependencies&, const CallContext&,
                                                      const v1::DiffPoliciesRequest&);
absl::StatusOr<v1::ActivatePolicyResponse> ActivatePolicy(const Dependencies&, const CallContext&,
                                                          const v1::ActivatePolicyRequest&);
absl::StatusOr<v1::ExplainDecisionResponse> ExplainDecision(const Dependencies&, const CallContext&,
                                                            const v1::ExplainDecisionRequest&);
absl::StatusOr<v1::ReplayDecisionsResponse> ReplayDecisions(const Dependencies&, const CallContext&,
                                                            const v1::ReplayDecisionsRequest&);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_POLICY_OPERATIONS_H_
