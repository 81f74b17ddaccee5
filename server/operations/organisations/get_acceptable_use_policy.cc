#include "server/operations/call/messages.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/errors.h"
#include "server/operations/facts/policy_facts.h"
#include "server/operations/organisation_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::GetAcceptableUsePolicyRequest;
using Response = v1::GetAcceptableUsePolicyResponse;

absl::Status NotPublished(absl::string_view version) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_AUP_NOT_PUBLISHED,
               version.empty() ? "no acceptable use policy has been published yet; an operator can "
                                 "with PublishAcceptableUsePolicy"
                               : "no such version of the acceptable use policy was published; ask "
                                 "without a version for the current one");
}

}  // namespace

absl::StatusOr<Response> GetAcceptableUsePolicy(const Dependencies& dependencies,
                                                const CallContext& call, const Request& request) {
  const auto policy = dependencies.policies.Get();
  RequestCheck check(*policy);
  check.Name("version", request.version(), Presence::kOptional);
  GATEHOUSE_RETURN_IF_ERROR(check.status());

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::GET_ACCEPTABLE_USE_POLICY,
      [&](Scope& scope) -> absl::Status {
        const auto current = scope.transaction().CurrentAcceptableUsePolicy();
        policy::Facts facts = scope.Facts();
        SetAupFacts(facts, current);
        GATEHOUSE_RETURN_IF_ERROR(scope.Decide(facts));
        const auto wanted = request.version().empty()
                                ? current
                                : scope.transaction().FindAcceptableUsePolicy(request.version());
        if (absl::IsNotFound(wanted.status())) return NotPublished(request.version());
        GATEHOUSE_RETURN_IF_ERROR(wanted.status());
        *response.mutable_acceptable_use_policy() = ToMessage(*wanted);
        response.set_current(current.ok() && wanted->version == current->version);
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace gatehouse::server
