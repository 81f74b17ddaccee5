#include <string>
#include <vector>

#include "server/operations/call/messages.h"
#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/organisation_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {
namespace {

using Response = v1::ListOrganisationsResponse;

absl::Status CheckFields(const v1::ListOrganisationsRequest& request,
                         const policy::Policy& policy) {
  RequestCheck check(policy);
  check.Name("name_prefix", request.name_prefix(), Presence::kOptional);
  check.PageSize(request.page_size());
  return check.status();
}

}  // namespace

absl::StatusOr<Response> ListOrganisations(const Dependencies& dependencies,
                                           const CallContext& call,
                                           const v1::ListOrganisationsRequest& request) {
  const auto policy = dependencies.policies.Get();
  GATEHOUSE_RETURN_IF_ERROR(CheckFields(request, *policy));
  const int size = PageSize(request.page_size(), *policy);

  Response response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::LIST_ORGANISATIONS,
      [&](Scope& scope) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
        const PageTokens tokens(dependencies.keys, scope.actor().id, request);
        GATEHOUSE_ASSIGN_OR_RETURN(const std::string after, tokens.Read(request.page_token()));
        GATEHOUSE_ASSIGN_OR_RETURN(
            std::vector<storage::OrganisationRecord> organisations,
            scope.transaction().ListOrganisations(
                {.name_prefix = request.name_prefix(), .after_name = after, .limit = size + 1}));
        response.Clear();
        if (CutToPage(organisations, size)) {
          response.set_next_page_token(tokens.Make(organisations.back().display_name));
        }
        for (const storage::OrganisationRecord& organisation : organisations) {
          *response.add_organisations() = ToMessage(organisation);
        }
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace gatehouse::server
