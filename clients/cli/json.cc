#include "clients/cli/json.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/code.pb.h"

#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

google::protobuf::util::JsonPrintOptions Options() {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  return options;
}

// A detail as JSON; its type and raw size where this program is older than the server.
nlohmann::ordered_json DetailToJson(const google::protobuf::Any& detail) {
  std::string text;
  if (google::protobuf::util::MessageToJsonString(detail, &text, Options()).ok()) {
    return nlohmann::ordered_json::parse(text);
  }
  return {{"@type", detail.type_url()}, {"undecoded_bytes", detail.value().size()}};
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, Options());
  return status.ok() ? text : absl::StrCat("{\"error\": \"", status.ToString(), "\"}\n");
}

std::string ToJsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? absl::StrCat(text, "\n")
                     : absl::StrCat("{\"error\": \"", status.ToString(), "\"}\n");
}

std::string ToJson(const Refusal& refusal) {
  nlohmann::ordered_json json;
  json["code"] = google::rpc::Code_Name(static_cast<google::rpc::Code>(refusal.code));
  json["reason"] = refusal.reason;
  json["message"] = refusal.message;
  json["details"] = nlohmann::ordered_json::array();
  for (const google::protobuf::Any& detail : refusal.status.details()) {
    json["details"].push_back(DetailToJson(detail));
  }
  // A server's text need not be UTF-8, and a dump must not throw for it.
  constexpr int kIndent = 1;
  return json.dump(kIndent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace gatehouse::cli
