// What is told of an import: each result as a line for programs, how far it is, and what came of
// it. Values; thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_IMPORT_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_IMPORT_VIEW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "clients/cli/views/look.h"
#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::cli {

// A result, and whose it is.
struct ImportResult {
  std::string username;  // as the file has it
  bool came_with_hash = false;
  v1::ImportAccountsResponse answer;
};

struct ImportTally {
  static constexpr size_t kMostRefusalsTold = 20;

  int64_t made = 0;
  int64_t replayed = 0;
  int64_t refused = 0;
  int64_t untold_passwords = 0;        // of replayed ones: told to whoever made the account
  std::vector<ImportResult> refusals;  // the first of them

  void Add(const ImportResult& result);
  int64_t all() const { return made + replayed + refused; }
};

// One JSON object on one line, without a line break. `request_id` names the import.
std::string ResultLine(const ImportResult& result, const std::string& request_id);

// "12 345 of 100 000   0 refused   812/s": for one line of a terminal.
std::string RenderProgress(const ImportTally& tally, int64_t accounts, double seconds);

struct ImportOutcome {
  std::string results_file;
  std::string organisation;
  std::string request_id;
  std::string command_again;  // for a shell: goes on with this very import
  bool dry_run = false;
  ImportTally tally;
};

std::string RenderImport(const ImportOutcome& outcome, const Look& look);
std::string ImportToJson(const ImportOutcome& outcome);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_IMPORT_VIEW_H_
