#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "server/operations/call/page.h"
#include "server/operations/call/page_token.h"
#include "server/operations/call/query.h"
#include "server/operations/call/request_check.h"
#include "server/operations/policies/named_policy.h"
#include "server/operations/policy_operations.h"
#include "server/runtime/status_macros.h"

namespace gatehouse::server {

absl::StatusOr<v1::ListPolicyRevisionsResponse> ListPolicyRevisions(
    const Dependencies& dependencies, const CallContext& call,
    const v1::ListPolicyRevisionsRequest& request) {
  const auto policy = dependencies.policies.Get();
  RequestCheck check(*policy);
  check.PageSize(request.page_size());
  GATEHOUSE_RETURN_IF_ERROR(check.status());
  const int size = PageSize(request.page_size(), *policy);

  v1::ListPolicyRevisionsResponse response;
  GATEHOUSE_RETURN_IF_ERROR(RunQuery(
      dependencies, call, *policy, policy::Action::LIST_POLICY_REVISIONS,
      [&](Scope& scope) -> absl::Status {
        GATEHOUSE_RETURN_IF_ERROR(scope.Decide(scope.Facts()));
        const PageTokens tokens(dependencies.keys, scope.actor().id, request);
        GATEHOUSE_ASSIGN_OR_RETURN(const std::string cursor, tokens.Read(request.page_token()));
        int64_t before = 0;
        if (!cursor.empty() && !absl::SimpleAtoi(cursor, &before)) {
          return absl::InternalError("a page token of ours holds no activation");
        }
        GATEHOUSE_ASSIGN_OR_RETURN(const storage::PolicyStateRecord state,
                                   scope.transaction().ReadPolicyState());
        GATEHOUSE_ASSIGN_OR_RETURN(std::vector<storage::PolicyRevisionRecord> revisions,
                                   scope.transaction().ListPolicyRevisions(before, size + 1));
        response.Clear();
        if (CutToPage(revisions, size)) {
          response.set_next_page_token(tokens.Make(absl::StrCat(revisions.back().activation)));
        }
        for (const storage::PolicyRevisionRecord& revision : revisions) {
          *response.add_revisions() = ToMessage(revision, state.active);
        }
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace gatehouse::server
