// What could be done to an account, and why not: one line an operation, then the rules against
// those that cannot be done. Pure functions, thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_ELIGIBILITY_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_ELIGIBILITY_VIEW_H_

#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::cli {

std::string RenderEligibility(const v1::CheckEligibilityResponse& response,
                              const std::string& username, const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_ELIGIBILITY_VIEW_H_
