// Bytes that are the same for the same message, whatever the order of its map entries: for digests
// and MACs over messages, within one build of the contract.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_CANONICAL_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_CANONICAL_H_

#include <string>

#include "google/protobuf/message.h"

namespace gatehouse::server {

std::string CanonicalBytes(const google::protobuf::Message& message);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_CANONICAL_H_
