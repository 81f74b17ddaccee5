// What an operator does about messages that nobody would take, while the database is not served by
// somebody else who locks it (SQLite). Belongs to one thread.
#ifndef GATEHOUSE_SERVER_OFFLINE_DEAD_MESSAGES_H_
#define GATEHOUSE_SERVER_OFFLINE_DEAD_MESSAGES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "server/assembly.h"
#include "server/config.h"

namespace gatehouse::server {

// The oldest first, a JSON object a line: `message_id, account_id, channel, kind, created_time,
// dead_time, attempts, error`; nothing of what they tell.
absl::StatusOr<std::string> ListDeadMessages(const ServerConfig& config,
                                             const Environment& environment);

// Lets a dead message be tried again, or with an empty id all of them; answers how many. NOT_FOUND
// for an id that no dead message has. Leaves an event in the system's audit log.
absl::StatusOr<int> RetryDeadMessages(const ServerConfig& config, const Environment& environment,
                                      absl::string_view message_id);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OFFLINE_DEAD_MESSAGES_H_
