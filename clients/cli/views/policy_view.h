// Policies, what would change with them, and what they decided, as text for people. Pure functions,
// thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_POLICY_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_POLICY_VIEW_H_

#include <string>

#include "clients/cli/views/audit_view.h"
#include "clients/cli/views/look.h"
#include "gatehouse/v1/policy_service.pb.h"

namespace gatehouse::cli {

// `names` by account id, as far as they are known.
std::string RenderPolicy(const v1::GetPolicyResponse& response, const Usernames& names,
                         const Look& look);
std::string RenderPolicyRevisions(const v1::ListPolicyRevisionsResponse& list,
                                  const Usernames& names, const Look& look);
// `file` stands before each place.
std::string RenderValidation(const v1::ValidatePolicyResponse& response, const std::string& file,
                             const Look& look);
// Whether the text that was checked could take effect.
bool CanTakeEffect(const v1::ValidatePolicyResponse& response);
std::string RenderDifferences(const v1::DiffPoliciesResponse& response, const Look& look);
std::string RenderReplay(const v1::ReplayDecisionsResponse& response, const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_POLICY_VIEW_H_
