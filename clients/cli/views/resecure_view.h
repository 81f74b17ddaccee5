// What a resecure would do, asked before it is done, and the receipt after. Pure functions,
// thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_RESECURE_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_RESECURE_VIEW_H_

#include <string>
#include <vector>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/authentication_method.pb.h"
#include "gatehouse/v1/session_service.pb.h"

namespace gatehouse::cli {

struct ResecurePreview {
  v1::Account account;
  std::string organisation;
  v1::ResecureAccountRequest request;
  v1::ListSessionsResponse sessions;
  std::vector<v1::AuthenticationMethod> methods;
};

// Ends with the question's effects; the question for the username follows on a line of its own.
std::string RenderResecurePreview(const ResecurePreview& preview, const Look& look);

std::string RenderResecureReceipt(const v1::ResecureAccountResponse& response, const Look& look);

// "Temporary password (shown once, works for 72 hours):  ...", or why there is none to show.
std::string RenderTemporaryPassword(const std::string& password, bool replayed, const Look& look);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_RESECURE_VIEW_H_
