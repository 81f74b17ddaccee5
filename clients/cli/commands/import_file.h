// A file of accounts to be imported: a JSON object a line, with the fields of the contract's
// ImportedAccount but `item`, which is the line's number; empty lines are passed over. What export
// writes can be read: fields that only an Account has are left out, and an account that was
// disabled or deleted is refused. Not thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_IMPORT_FILE_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_IMPORT_FILE_H_

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::cli {

// Whether an account was taken from its person: to import it would give it back.
bool IsEnded(v1::AccountStatus status);

// INVALID_ARGUMENT says what is wrong with a line's JSON, and repeats no value of it.
absl::StatusOr<v1::ImportedAccount> ParseImportedAccount(absl::string_view line, int64_t number);

class ImportFile {
 public:
  struct Line {
    int64_t number = 0;
    absl::StatusOr<v1::ImportedAccount> account;
  };

  // NOT_FOUND for what cannot be read from its start more than once, as a pipe.
  static absl::StatusOr<ImportFile> Open(const std::string& path);

  // Lines that are not empty, and a name for all of the file's content, in hexadecimal.
  int64_t accounts() const { return accounts_; }
  const std::string& digest() const { return digest_; }

  // The next line that is not empty; nothing at the end.
  std::optional<Line> Next();
  // Next will give the first one after line `number`.
  void GoOnAfter(int64_t number);

 private:
  explicit ImportFile(std::ifstream stream) : stream_(std::move(stream)) {}
  void Survey();

  std::ifstream stream_;
  int64_t number_ = 0;  // of the line that was read last
  int64_t accounts_ = 0;
  std::string digest_;
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_IMPORT_FILE_H_
