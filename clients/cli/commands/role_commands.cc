// account grant-role, withdraw-role.

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/session_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

struct RoleOptions {
  std::string account;
  std::string role;
  bool dry_run = false;
};

// Local roles hold in the account's own organisation; these two have none.
bool IsLocal(v1::Role role) { return role != v1::ROLE_NATIONAL_ADMIN && role != v1::ROLE_OPERATOR; }

bool NeedsMethod(const v1::Account& account) {
  return std::ranges::count(account.required_actions(),
                            v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD) > 0;
}

template <typename Request, typename Response>
void ChangeRole(const RoleOptions& options, Invocation::Method<Accounts, Request, Response> method,
                const char* done, Invocation& invocation) {
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  const auto role = ValueOf<v1::Role>(options.role);
  Request request;
  request.set_account_id(account->account_id());
  request.set_role(role);
  if (IsLocal(role)) request.set_organisation_id(account->organisation_id());
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(method, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  std::string text = absl::StrCat(Outcome(done, options.dry_run, look), " ", options.role, ": ",
                                  NameOf(response->account()));
  if (response->has_revocation()) {
    absl::StrAppend(&text, ", holds for the very next call, ",
                    Confirmation(response->revocation()));
  }
  absl::StrAppend(&text, ".\n");
  if (NeedsMethod(response->account())) {
    absl::StrAppend(&text, "At the next sign-in, a second factor has to be registered.\n");
  }
  invocation.Print(*response, text);
}

}  // namespace

void AddRoleCommands(CLI::App& account, Invocation& invocation) {
  const auto add = [&](const char* name, const char* help, auto run) {
    auto options = std::make_shared<RoleOptions>();
    CLI::App* command = account.add_subcommand(name, help);
    command->add_option("account", options->account, kAccountHelp)->required();
    AddWord<v1::Role>(*command, "role", options->role, "The role")->required();
    AddDryRun(*command, options->dry_run);
    command->callback([options, run] { run(*options); });
  };
  add("grant-role", "Give a role", [&invocation](const RoleOptions& options) {
    ChangeRole(options, &Accounts::GrantRole, "Granted", invocation);
  });
  add("withdraw-role", "Take a role away", [&invocation](const RoleOptions& options) {
    ChangeRole(options, &Accounts::WithdrawRole, "Withdrawn", invocation);
  });
}

}  // namespace gatehouse::cli
