// Answers and refusals for programs: protobuf's JSON with the contract's own field names, instants
// in UTC. Thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_JSON_H_
#define GATEHOUSE_CLIENTS_CLI_JSON_H_

#include <string>

#include "google/protobuf/message.h"

#include "clients/cli/refusal.h"

namespace gatehouse::cli {

// Indented, ending with a line break.
std::string ToJson(const google::protobuf::Message& message);

// On one line, ending with a line break; what is not set is left out.
std::string ToJsonLine(const google::protobuf::Message& message);

// `{"code": ..., "reason": ..., "message": ..., "details": [...]}` with every detail decoded that
// this program knows.
std::string ToJson(const Refusal& refusal);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_JSON_H_
