// Recognising a caller, as text for the agent. Pure functions, thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_VERIFICATION_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_VERIFICATION_VIEW_H_

#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::cli {

// What to say on the telephone.
std::string RenderWhatToAsk(const v1::Account& account,
                            const v1::StartIdentityVerificationResponse& asked, const Look& look);

// Whether it was them, and what the agent can do now.
std::string RenderVerification(const v1::Account& account, const std::string& verification_id,
                               const v1::AnswerIdentityVerificationResponse& answered,
                               const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_VERIFICATION_VIEW_H_
