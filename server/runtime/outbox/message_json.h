// A message as gateways that speak JSON hand it on, in the field names of its proto. Thread-safe.
#ifndef GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_JSON_H_
#define GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_JSON_H_

#include <string>

#include "absl/status/statusor.h"

#include "gatehouse/outbox/v1/message.pb.h"

namespace gatehouse::server {

// INVALID_ARGUMENT for a message that holds what is no text.
absl::StatusOr<std::string> ToJson(const outbox::v1::Message& message);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RUNTIME_OUTBOX_MESSAGE_JSON_H_
