// Accounts as text for people. Pure functions, thread-safe; what others wrote is made printable.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_ACCOUNT_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_ACCOUNT_VIEW_H_

#include <string>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::cli {

// "Asha Patel (asha.patel)".
std::string NameOf(const v1::Account& account);

// Everything about one account. `organisation` is its organisation's name, or its id where that
// cannot be had.
std::string RenderAccount(const v1::Account& account, const std::string& organisation,
                          const Look& look);

std::string RenderAccounts(const v1::ListAccountsResponse& list, const Look& look);

// "change the password, accept the acceptable use policy".
std::string ActionsInWords(const google::protobuf::RepeatedField<int>& actions);

// "the portal and its mail want the new password; so does your workstation".
std::string EffectsInWords(const google::protobuf::RepeatedField<int>& effects);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_ACCOUNT_VIEW_H_
