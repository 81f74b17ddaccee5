// What became of an account, as text for people. Pure functions, thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_LIFE_CYCLE_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_LIFE_CYCLE_VIEW_H_

#include <optional>
#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/revocation.pb.h"

namespace gatehouse::cli {

// "Disabled: Asha Patel (asha.patel)." and, where there were sessions to end, what became of them.
// `done` is painted already; `revocation` is null where the act ends none.
std::string RenderChangedAccount(const std::string& done, const v1::Account& account,
                                 const v1::Revocation* revocation);

// From when the person may reset their own password again, out of an answer about
// CompletePasswordReset; nothing where no hold stands against it.
std::optional<google::protobuf::Timestamp> EndOfHold(
    const v1::CheckEligibilityResponse& eligibility);

std::string RenderHold(const google::protobuf::Timestamp& end, const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_LIFE_CYCLE_VIEW_H_
