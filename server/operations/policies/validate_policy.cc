#include "policy/problem.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/policy_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

v1::PolicyDiagnostic ToMessage(const policy::Problem& problem) {
  v1::PolicyDiagnostic message;
  message.set_severity(problem.severity == policy::Problem::Severity::kError
                           ? v1::DIAGNOSTIC_SEVERITY_ERROR
                           : v1::DIAGNOSTIC_SEVERITY_WARNING);
  message.set_line(static_cast<int>(problem.line));
  message.set_column(static_cast<int>(problem.column));
  message.set_message(problem.message);
  if (!problem.suggestion.empty()) message.mutable_message()->append("; " + problem.suggestion);
  message.set_excerpt(problem.excerpt);
  return message;
}

v1::PolicyTestResult ToMessage(const policy::TestResult& result) {
  v1::PolicyTestResult message;
  message.set_name(result.name);
  message.set_passed(result.passed);
  message.set_message(result.difference);
  return message;
}

}  // namespace

absl::StatusOr<v1::ValidatePolicyResponse> ValidatePolicy(
    const Dependencies& dependencies, const CallContext& call,
    const v1::ValidatePolicyRequest& request) {
  const auto policy = dependencies.policies.Get();
  RequestCheck check(*policy);
  if (request.text().empty()) check.Fault("text", "must be given");
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(dependencies, call, *policy, policy::Action::VALIDATE_POLICY,
                                     [](Scope& scope) { return scope.Decide(scope.Facts()); }));

  const policy::CompileResult compiled = policy::Policy::Compile(request.text(), "policy");
  v1::ValidatePolicyResponse response;
  for (const policy::Problem& problem : compiled.problems) {
    *response.add_diagnostics() = ToMessage(problem);
  }
  if (compiled.policy == nullptr) return response;
  response.set_revision(compiled.policy->revision().ToString());
  for (const policy::TestResult& result : compiled.policy->RunTests()) {
    *response.add_test_results() = ToMessage(result);
  }
  return response;
}

}  // namespace gatehouse::server
