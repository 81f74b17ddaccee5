// The server's settings, from flags and the file that --config names, checked as a whole: every
// mistake is told at once, before anything starts. Pure but for reading the file; thread-safe.
#ifndef GATEHOUSE_SERVER_CONFIG_H_
#define GATEHOUSE_SERVER_CONFIG_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/config.pb.h"
#include "server/rpc/caller.h"
#include "server/runtime/log.h"

namespace gatehouse::server {

// What was given on the command line, by setting: "listen" -> "127.0.0.1:50051".
using GivenSettings = std::map<std::string, std::string>;

// What each command needs of the settings.
enum class Command {
  kServe,
  kBootstrap,
  kRemoveOperator,
  kCreateKeys,
  kChangeKeys,
  kRetireKey,
  kShowPolicy,
  kActivatePolicy,
  kAfterRestore,
  kOutbox,
  kIndexPasswords
};

// Defaults, then the file's, then those given. INVALID_ARGUMENT with every mistake, a line each:
// what the file says wrong, what a value should be, what the command misses, a password where none
// belongs.
absl::StatusOr<ServerConfig> ReadConfig(absl::string_view config_file, const GivenSettings& given,
                                        Command command);

// Of a checked config.
Transport TransportOf(const ServerConfig& config);
LogLevel LogLevelOf(const ServerConfig& config);
absl::Duration LeaseOf(const ServerConfig& config);
absl::Duration ShutdownGraceOf(const ServerConfig& config);
absl::Duration GatewayTimeoutOf(const ServerConfig& config);
absl::Duration TidyIntervalOf(const ServerConfig& config);
absl::Duration StreamIdleTimeoutOf(const ServerConfig& config);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_CONFIG_H_
