// Options that several commands share, so that the same thing has the same name, help and check
// everywhere. The variables bound here must live as long as the command line is parsed and its
// callbacks run.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_COMMAND_OPTIONS_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_COMMAND_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "CLI/CLI.hpp"
#include "clients/cli/invocation.h"
#include "clients/cli/views/look.h"
#include "clients/cli/views/words.h"
#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/identity_check.pb.h"

namespace gatehouse::cli {

inline constexpr char kAccountHelp[] = "Username, or id:ACCOUNT_ID";
inline constexpr char kOrganisationHelp[] = "Name, or id:ORGANISATION_ID; your own if left out";

// A word of an enum, checked and listed in the help.
template <typename Enum>
CLI::Option* AddWord(CLI::App& command, const std::string& flag, std::string& word,
                     const std::string& help) {
  return command.add_option(flag, word, help)->check(CLI::IsMember(Words<Enum>()));
}

void AddDryRun(CLI::App& command, bool& dry_run);

// "Created", or for a dry run "Would be done, nothing was changed:".
std::string Outcome(absl::string_view done, bool dry_run, const Look& look);

// How much of a list.
struct PageOptions {
  int limit = 0;
  std::string token;

  void AddTo(CLI::App& command);

  template <typename Request>
  void Fill(Request& request) const {
    request.set_page_size(limit);
    request.set_page_token(token);
  }

  // How to see more, if there is more.
  template <typename Response>
  std::string Next(const Response& response) const {
    return response.next_page_token().empty()
               ? ""
               : "There are more: --page " + response.next_page_token() +
                     ", or a greater --limit.\n";
  }
};

// The fields of a profile, a flag each; those that were not named stay as they are.
class ProfileOptions {
 public:
  void AddTo(CLI::App& command);

  void ApplyTo(v1::Profile& profile) const { profile.MergeFrom(given_); }
  // What was named, as an update mask wants it.
  const std::vector<std::string>& fields() const { return fields_; }

 private:
  v1::Profile given_;
  std::vector<std::string> fields_;
};

// Why the administrator acts.
struct ReasonOption {
  std::string reason;

  void AddTo(CLI::App& command);

  // Asks on a terminal for a missing reason. False after a failure that was told.
  bool Complete(Invocation& invocation);
};

// Why, and how the administrator made sure of whom they are helping.
struct GroundsOptions : ReasonOption {
  std::string attestation;
  std::string reference;
  std::string verification;

  void AddTo(CLI::App& command);

  // As ReasonOption's; nobody is recognised in two ways.
  bool Complete(Invocation& invocation);
  // Unset where none was given: the server then says what it needs.
  v1::IdentityCheck IdentityCheck() const;
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_COMMAND_OPTIONS_H_
