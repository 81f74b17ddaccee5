// account show, list, create, update.

#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/resecure_view.h"
#include "clients/cli/views/words.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

void Show(const std::string& name, Invocation& invocation) {
  const auto account = invocation.FindAccount(name);
  if (!account.has_value()) return;
  invocation.Print(*account,
                   RenderAccount(*account, invocation.OrganisationName(account->organisation_id()),
                                 invocation.look()));
}

struct ListOptions {
  std::string organisation;
  std::string state;
  std::string role;
  std::string prefix;
  std::string part;
  PageOptions page;
};

void List(const ListOptions& options, Invocation& invocation) {
  v1::ListAccountsRequest request;
  if (!options.organisation.empty()) {
    const auto organisation = invocation.FindOrganisation(options.organisation);
    if (!organisation.has_value()) return;
    request.set_organisation_id(organisation->organisation_id());
  }
  request.set_state(ValueOf<v1::AccountState>(options.state));
  request.set_role(ValueOf<v1::Role>(options.role));
  request.set_name_prefix(options.prefix);
  request.set_name_part(options.part);
  options.page.Fill(request);
  const auto response = invocation.Call(&Accounts::ListAccounts, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   RenderAccounts(*response, invocation.look()) + options.page.Next(*response));
}

struct CreateOptions {
  std::string username;
  std::string organisation;
  ProfileOptions profile;
  bool dry_run = false;
};

void Create(const CreateOptions& options, Invocation& invocation) {
  const auto organisation = invocation.FindOrganisation(options.organisation);
  if (!organisation.has_value()) return;
  v1::CreateAccountRequest request;
  request.set_organisation_id(organisation->organisation_id());
  request.set_username(options.username);
  options.profile.ApplyTo(*request.mutable_profile());
  if (request.profile().display_name().empty()) {
    request.mutable_profile()->set_display_name(
        absl::StrCat(request.profile().given_name(), " ", request.profile().family_name()));
  }
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Accounts::CreateAccount, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  invocation.Print(
      *response,
      absl::StrCat(
          Outcome("Created", options.dry_run, look), " ",
          RenderAccount(response->account(), organisation->display_name(), look),
          RenderTemporaryPassword(response->temporary_password(), response->replayed(), look)));
}

struct UpdateOptions {
  std::string account;
  ProfileOptions profile;
  bool dry_run = false;
};

void Update(const UpdateOptions& options, Invocation& invocation) {
  if (options.profile.fields().empty()) {
    invocation.Fail(ExitCode::kUsage,
                    "nothing to change: name at least one field, such as --phone");
    return;
  }
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  v1::UpdateProfileRequest request;
  request.set_account_id(account->account_id());
  options.profile.ApplyTo(*request.mutable_profile());
  for (const std::string& field : options.profile.fields())
    request.mutable_update_mask()->add_paths(field);
  request.set_etag(account->etag());
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Accounts::UpdateProfile, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  invocation.Print(
      *response,
      absl::StrCat(
          Outcome("Updated", options.dry_run, look), " ",
          RenderAccount(response->account(),
                        invocation.OrganisationName(response->account().organisation_id()), look)));
}

void AddShowAndList(CLI::App& account, Invocation& invocation) {
  auto name = std::make_shared<std::string>();
  CLI::App* show = account.add_subcommand("show", "Show an account, your own without a name");
  show->add_option("account", *name, kAccountHelp);
  show->callback([name, &invocation] { Show(*name, invocation); });

  auto options = std::make_shared<ListOptions>();
  CLI::App* list = account.add_subcommand("list", "List an organisation's accounts");
  list->add_option("--organisation", options->organisation, kOrganisationHelp);
  AddWord<v1::AccountState>(*list, "--state", options->state, "Only those in this state");
  AddWord<v1::Role>(*list, "--role", options->role, "Only those with this role");
  list->add_option("--name", options->prefix, "Only those with a name that begins so");
  list->add_option("--find", options->part, "Only those with this somewhere in a name or address");
  options->page.AddTo(*list);
  list->callback([options, &invocation] { List(*options, invocation); });
}

}  // namespace

void AddAccountCommands(CLI::App& account, Invocation& invocation) {
  AddShowAndList(account, invocation);

  auto created = std::make_shared<CreateOptions>();
  CLI::App* create =
      account.add_subcommand("create", "Create an account with a temporary password");
  create->add_option("username", created->username, "Its username")->required();
  create->add_option("--organisation", created->organisation, kOrganisationHelp);
  created->profile.AddTo(*create);
  AddDryRun(*create, created->dry_run);
  create->callback([created, &invocation] { Create(*created, invocation); });

  auto updated = std::make_shared<UpdateOptions>();
  CLI::App* update = account.add_subcommand("update", "Change a profile, your own without a name");
  update->add_option("account", updated->account, kAccountHelp);
  updated->profile.AddTo(*update);
  AddDryRun(*update, updated->dry_run);
  update->callback([updated, &invocation] { Update(*updated, invocation); });
}

}  // namespace gatehouse::cli
