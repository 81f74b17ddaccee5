#include "server/operations/account_operations.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/username.h"

namespace gatehouse::server {
namespace {

using Request = v1::GetAccountRequest;
using Response = v1::GetAccountResponse;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kOptional);
  check.Name("username", request.username(), Presence::kOptional);
  if (!request.account_id().empty() && !request.username().empty()) {
    check.Fault("username", "is given beside account_id; choose one");
  }
  return check.status();
}

absl::StatusOr<storage::AccountRecord> Find(Scope& scope, const Request& request) {
  if (!request.username().empty()) {
    return scope.FindAccountByUsername(FoldUsername(request.username()));
  }
  return scope.FindAccountOrOwn(request.account_id());
}

}  // namespace

absl::StatusOr<Response> GetAccount(const Dependencies& dependencies, const CallContext& call,
                                    const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::GET_ACCOUNT, [&](Scope& scope) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord account, Find(scope, request));
        GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(account));
        GATEHOUSE_ASSIGN_OR_RETURN(*response.mutable_account(), scope.Describe(account));
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace gatehouse::server
