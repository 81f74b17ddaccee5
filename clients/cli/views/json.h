// Answers and refusals for programs: protobuf's JSON with the contract's own field names, instants
// in UTC. Thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_JSON_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

#include "clients/cli/views/refusal.h"

namespace gatehouse::cli {

enum class JsonForm {
  kIndented,  // with every plain field, set or not
  kLine,      // on one line, without what is not set
};

// Ending with a line break. INTERNAL for what has no form in JSON, such as an instant beyond the
// year 9999.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, JsonForm form);

// `{"code": ..., "reason": ..., "message": ..., "details": [...]}` with every detail decoded that
// this program knows.
std::string ToJson(const Refusal& refusal);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_JSON_H_
