// The commands of gatehousectl. Each function adds the subcommands of one noun to the command line
// and binds them to what they do; options live as long as the callbacks that read them.
// `invocation` must outlive `app`.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_H_

#include "CLI/CLI.hpp"
#include "clients/cli/invocation.h"

namespace gatehouse::cli {

void AddSignInCommands(CLI::App& app, Invocation& invocation);
void AddAccountCommands(CLI::App& account, Invocation& invocation);  // show, list, create, update
void AddRoleCommands(CLI::App& account, Invocation& invocation);     // grant-role, withdraw-role
void AddContainmentCommands(CLI::App& account,
                            Invocation& invocation);  // resecure, reset-password, unlock
void AddLifeCycleCommands(
    CLI::App& account,
    Invocation& invocation);  // disable, enable, delete, restore, mark-leaver, join
void AddVerifyCommand(CLI::App& account, Invocation& invocation);
void AddEligibilityCommand(CLI::App& account, Invocation& invocation);
void AddTimelineCommand(CLI::App& account, Invocation& invocation);
void AddOwnAccountCommands(CLI::App& account,
                           Invocation& invocation);  // change-password, set-secret
void AddCompleteCommand(CLI::App& account, Invocation& invocation);
void AddMethodCommands(CLI::App& app, Invocation& invocation);
void AddRecoverCommand(CLI::App& app, Invocation& invocation);
void AddSessionCommands(CLI::App& app, Invocation& invocation);
void AddEmergencyCommands(CLI::App& app, Invocation& invocation);
void AddOrganisationCommands(CLI::App& app, Invocation& invocation);
void AddImportCommands(CLI::App& app, Invocation& invocation);  // import, export
void AddAuditCommands(CLI::App& app, Invocation& invocation);
void AddPolicyCommands(CLI::App& app, Invocation& invocation);
void AddCallCommand(CLI::App& app, Invocation& invocation);
void AddHealthCommand(CLI::App& app, Invocation& invocation);
void AddCompletionCommand(CLI::App& app);

// Everything of the above, and the options that all commands share.
void AddEverything(CLI::App& app, Invocation& invocation);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_H_
