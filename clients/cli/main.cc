// gatehousectl: Gatehouse at a terminal, for people and for scripts.

#include "CLI/CLI.hpp"
#include "clients/cli/commands/commands.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/invocation.h"

int main(int argc, char** argv) {
  gatehouse::cli::Invocation invocation;
  CLI::App app("Accounts, sessions and organisations of a Gatehouse server.", "gatehousectl");
  gatehouse::cli::AddEverything(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 answers --help this way too, and with codes of its own.
    const bool asked_for_help = app.exit(error) == 0;
    return static_cast<int>(asked_for_help ? gatehouse::cli::ExitCode::kOk
                                           : gatehouse::cli::ExitCode::kUsage);
  }
  // It may have been told this once alone.
  invocation.Flush();
  return static_cast<int>(invocation.exit_code());
}
