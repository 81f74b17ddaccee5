// The commands of gatehousectl. Each function adds the subcommands of one noun to the command line
// and binds them to what they do; options live as long as the callbacks that read them.
// `invocation` must outlive `app`.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_COMMANDS_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_COMMANDS_H_

#include "CLI/CLI.hpp"
#include "clients/cli/invocation.h"

namespace gatehouse::cli {

// Everything below, and the options that all commands share.
void AddEverything(CLI::App& app, Invocation& invocation);

// sign-in, sign-out
void AddSignInCommands(CLI::App& app, Invocation& invocation);

// --- gatehousectl account ... ---

// show, list, create, update
void AddAccountCommands(CLI::App& account, Invocation& invocation);
// change-password, set-secret
void AddOwnAccountCommands(CLI::App& account, Invocation& invocation);
// complete
void AddRequiredActionsCommand(CLI::App& account, Invocation& invocation);
// resecure, reset-password, unlock
void AddContainmentCommands(CLI::App& account, Invocation& invocation);
// disable, enable, delete, restore, mark-leaver, join
void AddLifeCycleCommands(CLI::App& account, Invocation& invocation);
// grant-role, withdraw-role
void AddRoleCommands(CLI::App& account, Invocation& invocation);
void AddVerifyCommand(CLI::App& account, Invocation& invocation);
void AddEligibilityCommand(CLI::App& account, Invocation& invocation);
void AddTimelineCommand(CLI::App& account, Invocation& invocation);

// --- gatehousectl ... ---

void AddMethodCommands(CLI::App& app, Invocation& invocation);
void AddRecoverCommand(CLI::App& app, Invocation& invocation);
void AddSessionCommands(CLI::App& app, Invocation& invocation);
void AddOrganisationCommands(CLI::App& app, Invocation& invocation);
// import, export
void AddImportCommands(CLI::App& app, Invocation& invocation);
void AddAuditCommands(CLI::App& app, Invocation& invocation);
void AddPolicyCommands(CLI::App& app, Invocation& invocation);
void AddEmergencyCommands(CLI::App& app, Invocation& invocation);
void AddCallCommand(CLI::App& app, Invocation& invocation);
void AddHealthCommand(CLI::App& app, Invocation& invocation);
void AddShellCompletionCommand(CLI::App& app);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_COMMANDS_H_
