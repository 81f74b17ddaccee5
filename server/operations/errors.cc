#include "server/operations/errors.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/status.pb.h"

namespace gatehouse::server {
namespace {

// A request has room for more faults than anyone reads, and each is told twice.
constexpr int kMostFaultsTold = 100;

std::string TypeUrl(const google::protobuf::Message& message) {
  return absl::StrCat("type.googleapis.com/", message.GetDescriptor()->full_name());
}

}  // namespace

void AttachDetail(absl::Status& status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
}

std::string ReasonName(v1::ErrorReason reason) {
  return std::string(absl::StripPrefix(v1::ErrorReason_Name(reason), "ERROR_REASON_"));
}

absl::Status Error(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message,
                   const ErrorMetadata& metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonName(reason));
  info.set_domain(std::string(kErrorDomain));
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  absl::Status status(code, absl::StrCat(info.reason(), ": ", message));
  AttachDetail(status, info);
  return status;
}

absl::Status ErrorWithRetry(absl::StatusCode code, v1::ErrorReason reason,
                            absl::string_view message, absl::Duration retry_after) {
  absl::Status status = Error(code, reason, message);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(
      absl::ToInt64Seconds(absl::Ceil(retry_after, absl::Seconds(1))));
  AttachDetail(status, retry);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = FindDetail<google::rpc::ErrorInfo>(status);
  return info.has_value() && info->domain() == kErrorDomain ? info->reason() : "";
}

std::string SerializeRefusal(const absl::Status& refusal) {
  google::rpc::Status message;
  message.set_code(static_cast<int>(refusal.code()));
  message.set_message(std::string(refusal.message()));
  refusal.ForEachPayload([&message](absl::string_view type_url, const absl::Cord& bytes) {
    google::protobuf::Any& detail = *message.add_details();
    detail.set_type_url(std::string(type_url));
    detail.set_value(std::string(bytes));
  });
  return message.SerializeAsString();
}

absl::Status ParseRefusal(absl::string_view bytes) {
  google::rpc::Status message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      message.code() == google::rpc::OK) {
    return absl::InternalError("a remembered refusal cannot be read");
  }
  absl::Status refusal(static_cast<absl::StatusCode>(message.code()), message.message());
  for (const google::protobuf::Any& detail : message.details()) {
    refusal.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return refusal;
}

absl::Status SessionInvalid() {
  return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_SESSION_INVALID,
               "there is no session, or it is over; sign in with CreateSession");
}

absl::Status NotPermitted() {
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_PERMITTED,
               "you may not do this to this target, or there is no such target");
}

absl::Status InvalidCredentials() {
  return Error(absl::StatusCode::kUnauthenticated, v1::ERROR_REASON_INVALID_CREDENTIALS,
               "the username or password is wrong, or the account is locked; after too many wrong "
               "passwords a local administrator can unlock it");
}

absl::Status StoreUnavailable(absl::string_view store) {
  return ErrorWithRetry(
      absl::StatusCode::kUnavailable, v1::ERROR_REASON_STORE_UNAVAILABLE,
      absl::StrCat("the ", store, " cannot be reached; nothing was changed, try again"),
      absl::Seconds(1));
}

absl::Status Conflict() {
  return Error(absl::StatusCode::kAborted, v1::ERROR_REASON_CONFLICT,
               "something that this call relied on changed while it ran; nothing was done, try "
               "again");
}

absl::Status DeadlineExceeded() {
  return Error(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_DEADLINE_EXCEEDED,
               "the call's time was over before it took effect; nothing was changed");
}

absl::Status Overloaded() {
  return ErrorWithRetry(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
                        "the server has more work of this kind than it takes; try again",
                        absl::Seconds(1));
}

absl::Status FromStore(const absl::Status& status) {
  if (status.ok() || !ReasonOf(status).empty()) return status;
  if (absl::IsAborted(status)) return Conflict();
  if (absl::IsUnavailable(status)) return StoreUnavailable("database");
  return status;
}

void FieldFaults::Add(absl::string_view field, absl::string_view fault) {
  if (faults_.field_violations_size() > kMostFaultsTold) return;
  if (faults_.field_violations_size() == kMostFaultsTold) {
    field = "request";
    fault = "has more faults than are told at once";
  }
  auto* violation = faults_.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(fault));
}

absl::Status FieldFaults::ToStatus() const {
  if (empty()) return absl::OkStatus();
  std::vector<std::string> texts;
  for (const auto& violation : faults_.field_violations()) {
    texts.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
  }
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_FIELDS_INVALID,
                              absl::StrJoin(texts, "; "));
  AttachDetail(status, faults_);
  return status;
}

}  // namespace gatehouse::server
