// What whoever runs the system does about its keys: sees them, takes new ones, gives up old ones.
// With SQLite a key is given up while the server is stopped, since the database is asked whether
// anything still needs it. Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_KEY_CHANGE_H_
#define GATEHOUSE_SERVER_OFFLINE_KEY_CHANGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "server/assembly.h"
#include "server/config.h"

namespace gatehouse::server {

// A JSON object a line: `key_id, purpose, active, created_time`; nothing of the keys themselves.
absl::StatusOr<std::string> DescribeKeys(const ServerConfig& config);

// Takes a former key out of the ring. FAILED_PRECONDITION while it is active, or while something in
// the database could not be read, or recognised, without it; the sentence says what, and how long
// to wait for it.
absl::Status RetireKey(const ServerConfig& config, const Environment& environment,
                       const std::string& key_id);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_KEY_CHANGE_H_
