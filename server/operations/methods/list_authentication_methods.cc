#include <algorithm>
#include <string>
#include <vector>

#include "server/operations/account_operations.h"
#include "server/operations/call/messages.h"
#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Request = v1::ListAuthenticationMethodsRequest;
using Response = v1::ListAuthenticationMethodsResponse;
using Methods = std::vector<storage::AuthenticationMethodRecord>;

absl::Status CheckFields(const Request& request, const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Id("account_id", request.account_id(), Presence::kOptional);
  check.PageSize(request.page_size());
  return check.status();
}

// Those after the one that ended the previous page; all where that is gone.
void DropUpTo(const std::string& method_id, Methods& methods) {
  const auto last = std::ranges::find(methods, method_id, &storage::AuthenticationMethodRecord::id);
  if (last != methods.end()) methods.erase(methods.begin(), last + 1);
}

}  // namespace

absl::StatusOr<Response> ListAuthenticationMethods(const Dependencies& dependencies,
                                                   const CallContext& call,
                                                   const Request& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::LIST_AUTHENTICATION_METHODS,
      [&](Scope& scope) -> absl::Status {
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::AccountRecord account,
                                   scope.FindAccountOrOwn(request.account_id()));
        GATEHOUSE_RETURN_IF_ERROR(scope.DecideAbout(account));
        const PageTokens tokens(dependencies.keys, scope.actor().id, request);
        GATEHOUSE_ASSIGN_OR_RETURN(const std::string last, tokens.Read(request.page_token()));
        GATEHOUSE_ASSIGN_OR_RETURN(Methods methods,
                                   scope.transaction().ListAuthenticationMethods(account.id));
        DropUpTo(last, methods);
        if (CutToPage(methods, PageSize(request.page_size(), *policy))) {
          response.set_next_page_token(tokens.Make(methods.back().id));
        }
        for (const auto& method : methods) *response.add_methods() = ToMessage(method);
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace gatehouse::server
