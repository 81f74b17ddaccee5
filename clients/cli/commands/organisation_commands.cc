// organisation show, list, create, update, aup, publish-aup.

#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/views/organisation_view.h"
#include "gatehouse/v1/organisation_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Organisations = v1::OrganisationService::Stub;

struct OrganisationOptions {
  std::string name;
  std::string new_name;
  std::string passwords;
  std::string managed;
  bool dry_run = false;

  bool Nationally() const { return managed == "nationally"; }

  void AddTo(CLI::App& command) {
    AddWord<v1::PasswordScope>(
        command, "--passwords", passwords,
        "seamless: one for portal and workstation; separate: the portal's own");
    command
        .add_option("--managed", managed,
                    "Who administers it: the organisation, or the national service")
        ->check(CLI::IsMember({"nationally", "by-itself"}));
    AddDryRun(command, dry_run);
  }
};

void Show(const std::string& name, Invocation& invocation) {
  const auto organisation = invocation.FindOrganisation(name);
  if (!organisation.has_value()) return;
  invocation.Print(*organisation, RenderOrganisation(*organisation, invocation.look()));
}

struct ListOptions {
  std::string prefix;
  PageOptions page;
};

void List(const ListOptions& options, Invocation& invocation) {
  v1::ListOrganisationsRequest request;
  request.set_name_prefix(options.prefix);
  options.page.Fill(request);
  const auto response = invocation.Call(&Organisations::ListOrganisations, request);
  if (!response.has_value()) return;
  invocation.Print(
      *response, RenderOrganisations(*response, invocation.look()) + options.page.Next(*response));
}

void Create(const OrganisationOptions& options, Invocation& invocation) {
  v1::CreateOrganisationRequest request;
  request.set_display_name(options.name);
  request.set_nas_managed(options.Nationally());
  request.set_password_scope(options.passwords.empty()
                                 ? v1::PASSWORD_SCOPE_SEAMLESS
                                 : ValueOf<v1::PasswordScope>(options.passwords));
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Organisations::CreateOrganisation, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  invocation.Print(*response, absl::StrCat(Outcome("Created", options.dry_run, look), " ",
                                           RenderOrganisation(response->organisation(), look)));
}

void Update(const OrganisationOptions& options, Invocation& invocation) {
  const auto organisation = invocation.FindOrganisation(options.name);
  if (!organisation.has_value()) return;
  v1::UpdateOrganisationRequest request;
  request.set_organisation_id(organisation->organisation_id());
  if (!options.new_name.empty()) {
    request.set_display_name(options.new_name);
    request.mutable_update_mask()->add_paths("display_name");
  }
  if (!options.managed.empty()) {
    request.set_nas_managed(options.Nationally());
    request.mutable_update_mask()->add_paths("nas_managed");
  }
  if (!options.passwords.empty()) {
    request.set_password_scope(ValueOf<v1::PasswordScope>(options.passwords));
    request.mutable_update_mask()->add_paths("password_scope");
  }
  request.set_etag(organisation->etag());
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Organisations::UpdateOrganisation, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  invocation.Print(*response, absl::StrCat(Outcome("Updated", options.dry_run, look), " ",
                                           RenderOrganisation(response->organisation(), look)));
}

void ShowPolicy(const std::string& version, Invocation& invocation) {
  v1::GetAcceptableUsePolicyRequest request;
  request.set_version(version);
  const auto response = invocation.Call(&Organisations::GetAcceptableUsePolicy, request);
  if (!response.has_value()) return;
  invocation.Print(*response, RenderPolicyDocument(response->acceptable_use_policy(),
                                                   response->current(), invocation.look()));
}

struct PublishOptions {
  std::string version;
  std::string uri;
  std::string sha256;
  bool dry_run = false;
};

void Publish(const PublishOptions& options, Invocation& invocation) {
  v1::PublishAcceptableUsePolicyRequest request;
  request.set_version(options.version);
  request.set_document_uri(options.uri);
  request.set_document_sha256(options.sha256);
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Organisations::PublishAcceptableUsePolicy, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  invocation.Print(
      *response, absl::StrCat(Outcome("Published", options.dry_run, look),
                              "; everyone accepts it at the next sign-in. ",
                              RenderPolicyDocument(response->acceptable_use_policy(), true, look)));
}

void AddPolicyDocumentCommands(CLI::App& organisation, Invocation& invocation) {
  auto version = std::make_shared<std::string>();
  CLI::App* aup = organisation.add_subcommand(
      "aup", "Show the acceptable use policy, the current one by default");
  aup->add_option("version", *version, "A version");
  aup->callback([version, &invocation] { ShowPolicy(*version, invocation); });

  auto published = std::make_shared<PublishOptions>();
  CLI::App* publish =
      organisation.add_subcommand("publish-aup", "Publish a version of the acceptable use policy");
  publish->add_option("version", published->version, "Its name, such as 2026-11")->required();
  publish->add_option("--uri", published->uri, "Where it can be read; https")->required();
  publish->add_option("--sha256", published->sha256, "Its digest, as sha256sum prints it")
      ->required();
  AddDryRun(*publish, published->dry_run);
  publish->callback([published, &invocation] { Publish(*published, invocation); });
}

}  // namespace

void AddOrganisationCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* organisation =
      app.add_subcommand("organisation", "Organisations, and the policy all their people accept");
  organisation->require_subcommand(1);

  auto name = std::make_shared<std::string>();
  CLI::App* show =
      organisation->add_subcommand("show", "Show an organisation, your own by default");
  show->add_option("organisation", *name, kOrganisationHelp);
  show->callback([name, &invocation] { Show(*name, invocation); });

  auto listed = std::make_shared<ListOptions>();
  CLI::App* list = organisation->add_subcommand("list", "List organisations");
  list->add_option("--name", listed->prefix, "Only those whose names begin so");
  listed->page.AddTo(*list);
  list->callback([listed, &invocation] { List(*listed, invocation); });

  auto created = std::make_shared<OrganisationOptions>();
  CLI::App* create = organisation->add_subcommand("create", "Create an organisation");
  create->add_option("name", created->name, "Its name")->required();
  created->AddTo(*create);
  create->callback([created, &invocation] { Create(*created, invocation); });

  auto updated = std::make_shared<OrganisationOptions>();
  CLI::App* update = organisation->add_subcommand("update", "Change an organisation");
  update->add_option("organisation", updated->name, kOrganisationHelp)->required();
  update->add_option("--name", updated->new_name, "Its new name");
  updated->AddTo(*update);
  update->callback([updated, &invocation] { Update(*updated, invocation); });

  AddPolicyDocumentCommands(*organisation, invocation);
}

}  // namespace gatehouse::cli
