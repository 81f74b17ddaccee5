// Where tokens are kept between two commands: one JSON file, readable by its owner alone, an entry
// a server. It is replaced as a whole, so that a reader never sees half of it. Not thread-safe; of
// two writers at once the later one wins.

#ifndef GATEHOUSE_CLIENTS_CLI_CREDENTIALS_FILE_H_
#define GATEHOUSE_CLIENTS_CLI_CREDENTIALS_FILE_H_

#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gatehouse::cli {

class CredentialsFile {
 public:
  // $XDG_CONFIG_HOME/gatehouse/credentials.json, or the same under ~/.config.
  static std::filesystem::path DefaultPath();

  explicit CredentialsFile(std::filesystem::path path);

  // The token for a server; nothing when there is none. PERMISSION_DENIED when others may read the
  // file, DATA_LOSS when it is not what this class wrote.
  absl::StatusOr<std::optional<std::string>> Find(const std::string& server) const;
  absl::Status Keep(const std::string& server, const std::string& token);
  absl::Status Forget(const std::string& server);

 private:
  std::filesystem::path path_;
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_CREDENTIALS_FILE_H_
