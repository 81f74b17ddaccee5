// What gatehousectl's exit code tells the script that called it. Part of the interface: values
// never change.

#ifndef GATEHOUSE_CLIENTS_CLI_EXIT_CODE_H_
#define GATEHOUSE_CLIENTS_CLI_EXIT_CODE_H_

namespace gatehouse::cli {

enum class ExitCode {
  kOk = 0,
  kFault = 1,  // A fault of the server or of this program, with nothing to mend by the reader.
  kUsage = 2,  // The command or a field of it is wrong.
  kNotSignedIn = 3,   // No session, a dead one, or wrong credentials.
  kRefused = 4,       // A rule stands against it; the output says which, and the ways out.
  kNotPermitted = 5,  // Not for this account's roles, or there is no such target.
  kUnavailable = 6,   // The server cannot be reached, is too busy, or does not have the method yet.
  kConflict = 7,      // Somebody else was first: it exists already, or changed meanwhile.
  kNotConfirmed = 8,  // The question was answered with something else than yes; nothing was done.
};

inline constexpr char kExitCodesHelp[] =
    "Exit codes: 0 done; 1 a fault; 2 wrong usage or fields; 3 not signed in; 4 refused by a "
    "rule;\n"
    "            5 not permitted; 6 not available; 7 somebody else was first; 8 not confirmed.";

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_EXIT_CODE_H_
