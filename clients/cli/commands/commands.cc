#include "clients/cli/commands/commands.h"

#include "clients/cli/exit_code.h"

namespace gatehouse::cli {
namespace {

void AddSharedOptions(CLI::App& app, Settings& settings) {
  // The last one counts, so that an alias with options can be overridden.
  app.option_defaults()->take_last();
  app.add_option("--server", settings.server, "host:port, or unix:PATH")
      ->envname("GATEHOUSE_SERVER")
      ->capture_default_str();
  app.add_option("--tls-ca", settings.tls_ca, "Trust the authorities in this PEM file");
  app.add_option("--tls-certificate", settings.tls_certificate, "This client's certificate, PEM");
  app.add_option("--tls-key", settings.tls_key, "Its key, PEM");
  app.add_option("--credentials", settings.credentials, "Keep the token in this file")
      ->envname("GATEHOUSE_CREDENTIALS");
  app.add_option("--timeout", settings.timeout_seconds, "Give a call up after so many seconds")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--colour", settings.colour, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  app.add_option("--request-id", settings.request_id,
                 "Ask under this UUID: what was done under it before is told, and not done again");
  app.add_flag("--json", settings.json, "JSON for programs; instants in UTC");
  app.add_flag("--yes", settings.yes, "Answer every confirmation with yes");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

}  // namespace

void AddEverything(CLI::App& app, Invocation& invocation) {
  app.require_subcommand(1);
  app.fallthrough();  // Shared options may stand after the command too; subcommands inherit this.
  app.footer(kExitCodesHelp);
  AddSharedOptions(app, invocation.settings());
  AddSignInCommands(app, invocation);
  CLI::App* account = app.add_subcommand("account", "People's accounts, and your own");
  account->require_subcommand(1);
  AddAccountCommands(*account, invocation);
  AddOwnAccountCommands(*account, invocation);
  AddRequiredActionsCommand(*account, invocation);
  AddContainmentCommands(*account, invocation);
  AddLifeCycleCommands(*account, invocation);
  AddVerifyCommand(*account, invocation);
  AddEligibilityCommand(*account, invocation);
  AddTimelineCommand(*account, invocation);
  AddRoleCommands(*account, invocation);
  AddMethodCommands(app, invocation);
  AddRecoverCommand(app, invocation);
  AddSessionCommands(app, invocation);
  AddOrganisationCommands(app, invocation);
  AddImportCommands(app, invocation);
  AddAuditCommands(app, invocation);
  AddPolicyCommands(app, invocation);
  AddEmergencyCommands(app, invocation);
  AddCallCommand(app, invocation);
  AddHealthCommand(app, invocation);
  AddShellCompletionCommand(app);
}

}  // namespace gatehouse::cli
