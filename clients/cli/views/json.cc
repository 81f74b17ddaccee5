#include "clients/cli/views/json.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/code.pb.h"

#include "nlohmann/json.hpp"

namespace gatehouse::cli {
namespace {

google::protobuf::util::JsonPrintOptions OptionsOf(JsonForm form) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.add_whitespace = form == JsonForm::kIndented;
  options.always_print_primitive_fields = form == JsonForm::kIndented;
  return options;
}

// A detail as JSON; its type and raw size where this program is older than the server.
nlohmann::ordered_json DetailToJson(const google::protobuf::Any& detail) {
  const absl::StatusOr<std::string> text = ToJson(detail, JsonForm::kIndented);
  if (text.ok()) return nlohmann::ordered_json::parse(*text);
  return {{"@type", detail.type_url()}, {"undecoded_bytes", detail.value().size()}};
}

}  // namespace

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, JsonForm form) {
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, OptionsOf(form));
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat("an answer has no form in JSON: ", status.ToString()));
  }
  // What is indented ends its last line by itself.
  return form == JsonForm::kLine ? absl::StrCat(text, "\n") : text;
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
