// The gateways that the settings name: a part of the composition root. Thread-safe.
#ifndef GATEHOUSE_SERVER_GATEWAYS_H_
#define GATEHOUSE_SERVER_GATEWAYS_H_

#include <memory>

#include "absl/status/statusor.h"

#include "server/config.h"
#include "server/runtime/outbox/message_gateway.h"

namespace gatehouse::server {

// Where messages to people go, and those to directories. Of a checked config; nothing is connected
// yet. Errors, with a line a fault: credentials, templates or a spool that cannot be used.
absl::StatusOr<std::unique_ptr<MessageGateway>> OpenNotificationGateway(const ServerConfig& config);
absl::StatusOr<std::unique_ptr<MessageGateway>> OpenDirectoryGateway(const ServerConfig& config);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_GATEWAYS_H_
