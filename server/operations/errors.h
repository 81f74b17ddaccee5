// How operations say no: absl::Status with the details of google.rpc as payloads.
//
// A payload's key is a type URL and its value that message's bytes, so that server/rpc can hand
// every one on without knowing what it says. Each error of ours carries a google.rpc.ErrorInfo
// (reason, domain "gatehouse.v1", metadata) and a message that alone is enough for a person at a
// terminal: what happened, why, and the way out. All functions are thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_ERRORS_H_
#define GATEHOUSE_SERVER_OPERATIONS_ERRORS_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message_lite.h"
#include "google/rpc/error_details.pb.h"

#include "gatehouse/v1/error_reason.pb.h"

namespace gatehouse::server {

inline constexpr absl::string_view kErrorDomain = "gatehouse.v1";

// Adds `detail` to the status, under its type URL; replaces one of the same type.
void AttachDetail(absl::Status& status, const google::protobuf::Message& detail);

// The detail of this type, if the status carries one.
template <typename Detail>
std::optional<Detail> FindDetail(const absl::Status& status) {
  const auto payload =
      status.GetPayload(absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()));
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

// The reason without its enum's prefix: "AUP_NOT_ACCEPTED".
std::string ReasonName(v1::ErrorReason reason);

using ErrorMetadata = std::map<std::string, std::string>;

// An error with its reason. `message` ends up on a person's screen: no secret, no driver's text.
absl::Status Error(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message,
                   const ErrorMetadata& metadata = {});
// As above, and when it makes sense to try again.
absl::Status ErrorWithRetry(absl::StatusCode code, v1::ErrorReason reason,
                            absl::string_view message, absl::Duration retry_after);

// The reason that a status carries, without prefix; empty for one that is not ours.
std::string ReasonOf(const absl::Status& status);

// A refusal with its details as bytes, to be remembered, and read back; INTERNAL for bytes that are
// none.
std::string SerializeRefusal(const absl::Status& refusal);
absl::Status ParseRefusal(absl::string_view bytes);

// The errors that many operations share.
absl::Status SessionInvalid();
absl::Status NotPermitted();
absl::Status InvalidCredentials();
absl::Status StoreUnavailable(absl::string_view store);
absl::Status Conflict();
absl::Status DeadlineExceeded();
absl::Status Overloaded();

// A store's own words are for the log: what a caller can do about them is said instead. Errors of
// ours, and those that are nobody's business (INTERNAL), pass.
absl::Status FromStore(const absl::Status& status);

// Collects every fault of a request's fields, so that all are told at once.
class FieldFaults {
 public:
  // `field`: the path from the request, such as "profile.given_name".
  void Add(absl::string_view field, absl::string_view fault);
  bool empty() const { return faults_.field_violations().empty(); }
  // OK, or INVALID_ARGUMENT / FIELDS_INVALID with all of them.
  absl::Status ToStatus() const;

 private:
  google::rpc::BadRequest faults_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_ERRORS_H_
