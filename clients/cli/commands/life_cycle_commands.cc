// account disable, enable, delete, restore, mark-leaver, join: an account's coming and going.

#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/views/life_cycle_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

template <typename Response>
const v1::Revocation* RevocationOf(const Response& response) {
  if constexpr (requires { response.revocation(); }) {
    return response.has_revocation() ? &response.revocation() : nullptr;
  } else {
    return nullptr;
  }
}

struct ChangeOptions {
  std::string account;
  ReasonOption reason;
  bool dry_run = false;
};

template <typename Request, typename Response>
void Change(ChangeOptions& options, Invocation::Method<Accounts, Request, Response> method,
            const char* done, Invocation& invocation) {
  if (!options.reason.Complete(invocation)) return;
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  Request request;
  request.set_account_id(account->account_id());
  request.set_reason(options.reason.reason);
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(method, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   RenderChangedAccount(Outcome(done, options.dry_run, invocation.look()),
                                        response->account(), RevocationOf(*response)));
}

struct JoinOptions {
  std::string account;
  std::string organisation;
  GroundsOptions grounds;
  bool dry_run = false;
};

// Empty where nothing is held, or that cannot be found out.
std::string Hold(const v1::Account& account, Invocation& invocation) {
  v1::CheckEligibilityRequest request;
  request.set_account_id(account.account_id());
  request.add_actions(v1::ACTION_COMPLETE_PASSWORD_RESET);
  const auto eligibility = invocation.TryCall(&Accounts::CheckEligibility, request);
  if (!eligibility.has_value()) return "";
  const auto end = EndOfHold(*eligibility);
  return end.has_value() ? RenderHold(*end, invocation.look()) : "";
}

void Join(JoinOptions& options, Invocation& invocation) {
  if (!options.grounds.Complete(invocation)) return;
  const auto organisation = invocation.FindOrganisation(options.organisation);
  if (!organisation.has_value()) return;
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  v1::JoinOrganisationRequest request;
  request.set_account_id(account->account_id());
  request.set_organisation_id(organisation->organisation_id());
  request.set_reason(options.grounds.reason);
  *request.mutable_identity_check() = options.grounds.IdentityCheck();
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Accounts::JoinOrganisation, request);
  if (!response.has_value()) return;
  const std::string done =
      Outcome(absl::StrCat("Joined ", Printable(organisation->display_name()), ":"),
              options.dry_run, invocation.look());
  std::string text = RenderChangedAccount(done, response->account(), RevocationOf(*response));
  if (!options.dry_run) absl::StrAppend(&text, Hold(response->account(), invocation));
  invocation.Print(*response, text);
}

}  // namespace

void AddLifeCycleCommands(CLI::App& account, Invocation& invocation) {
  const auto add = [&](const char* name, const char* help, auto method, const char* done) {
    auto options = std::make_shared<ChangeOptions>();
    CLI::App* command = account.add_subcommand(name, help);
    command->add_option("account", options->account, kAccountHelp)->required();
    options->reason.AddTo(*command);
    AddDryRun(*command, options->dry_run);
    command->callback(
        [options, method, done, &invocation] { Change(*options, method, done, invocation); });
  };
  add("disable", "Close an account and end its sessions", &Accounts::DisableAccount, "Disabled:");
  add("enable", "Open a disabled account again", &Accounts::EnableAccount, "Enabled:");
  add("delete", "Delete an account and end its sessions; it can be restored for 30 days",
      &Accounts::DeleteAccount, "Deleted:");
  add("restore", "Take a deletion back", &Accounts::RestoreAccount, "Restored:");
  add("mark-leaver",
      "Mark that a person leaves: roles and sessions end, another organisation can join them",
      &Accounts::MarkLeaver, "Marked as a leaver:");

  auto joined = std::make_shared<JoinOptions>();
  CLI::App* join = account.add_subcommand("join", "Take a leaver into an organisation");
  join->add_option("account", joined->account, kAccountHelp)->required();
  join->add_option("--organisation", joined->organisation, kOrganisationHelp);
  joined->grounds.AddTo(*join);
  AddDryRun(*join, joined->dry_run);
  join->callback([joined, &invocation] { Join(*joined, invocation); });
}

}  // namespace gatehouse::cli
