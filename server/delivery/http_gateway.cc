#include "server/delivery/http_gateway.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "re2/re2.h"

#include "server/runtime/outbox/message_json.h"
#include "server/runtime/status_macros.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {
namespace {

absl::Status ToStatus(const CurlTransfer::Outcome& outcome) {
  if (outcome.code != CURLE_OK) {
    return absl::UnavailableError(absl::StrCat("the HTTP gateway: ", outcome.error));
  }
  if (outcome.response / 100 == 2) return absl::OkStatus();
  const std::string text = absl::StrCat("the HTTP gateway answers ", outcome.response);
  switch (outcome.response) {
    case 400:
    case 410:
    case 413:
    case 415:
    case 422:
      return absl::InvalidArgumentError(text);
    case 409:
      return absl::AbortedError(text);
    default:
      return absl::UnavailableError(text);
  }
}

}  // namespace

absl::Status HttpGateway::Deliver(const outbox::v1::Message& message) {
  static const RE2 harmless("[A-Za-z0-9_-]{1,128}");
  if (!RE2::FullMatch(message.message_id(), harmless)) {
    return absl::InvalidArgumentError("the message's id cannot be part of a header");
  }
  GATEHOUSE_ASSIGN_OR_RETURN(std::string json, ToJson(message));
  const absl::Cleanup wipe = [&json] { WipeString(json); };  // it may tell a code
  CurlList headers;
  Append(headers, "Content-Type: application/json");
  Append(headers, "Expect:");
  Append(headers, absl::StrCat("Idempotency-Key: ", message.message_id()));
  if (!credentials_.secret.empty()) {
    std::string authorization =
        absl::StrCat("Authorization: Bearer ", credentials_.secret.Reveal());
    Append(headers, authorization);
    WipeString(authorization);
  }

  const std::lock_guard lock(mutex_);
  if (transfer_ == nullptr) transfer_ = std::make_unique<CurlTransfer>(peer_, stopped_);
  transfer_->Set(CURLOPT_HTTPHEADER, headers.get());
  transfer_->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  transfer_->Set(CURLOPT_POSTFIELDS, json.c_str());
  const absl::Status status = ToStatus(transfer_->Perform());
  transfer_->Set(CURLOPT_POSTFIELDS, static_cast<const char*>(nullptr));
  transfer_->Set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  // What went wrong may have to do with the state of the connection.
  if (!status.ok()) transfer_.reset();
  return status;
}

}  // namespace gatehouse::server
