#include "server/runtime/outbox/message_json.h"

#include "google/protobuf/util/json_util.h"

namespace gatehouse::server {

absl::StatusOr<std::string> ToJson(const outbox::v1::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!written.ok()) return absl::InvalidArgumentError("the message cannot be written as JSON");
  return json;
}

}  // namespace gatehouse::server
