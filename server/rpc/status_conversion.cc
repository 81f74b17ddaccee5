#include "server/rpc/status_conversion.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/strip.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

#include "gatehouse/v1/decision.pb.h"
#include "server/operations/errors.h"

namespace gatehouse::server {
namespace {

constexpr absl::string_view kTypeUrlPrefix = "type.googleapis.com/";
constexpr size_t kLongestDetails = 5 * 1024;  // bytes; 8 KiB is gRPC's limit for all metadata
constexpr size_t kLongestMessage = 1024;      // bytes

constexpr absl::Duration kRetrySoon = absl::Seconds(1);

// The most useful first.
size_t Rank(absl::string_view type) {
  static const std::array<std::string, 5> order = {
      google::rpc::ErrorInfo::descriptor()->full_name(),
      google::rpc::RetryInfo::descriptor()->full_name(),
      google::rpc::BadRequest::descriptor()->full_name(),
      v1::Decision::descriptor()->full_name(),
      google::rpc::PreconditionFailure::descriptor()->full_name(),
  };
  return static_cast<size_t>(std::find(order.begin(), order.end(), type) - order.begin());
}

std::vector<google::protobuf::Any> DetailsOf(const absl::Status& status) {
  std::vector<google::protobuf::Any> details;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& bytes) {
    if (!absl::StartsWith(type_url, kTypeUrlPrefix)) return;
    google::protobuf::Any& detail = details.emplace_back();
    detail.set_type_url(std::string(type_url));
    detail.set_value(std::string(bytes));
  });
  std::stable_sort(details.begin(), details.end(), [](const auto& a, const auto& b) {
    return Rank(absl::StripPrefix(a.type_url(), kTypeUrlPrefix)) <
           Rank(absl::StripPrefix(b.type_url(), kTypeUrlPrefix));
  });
  return details;
}

// At most `longest` bytes, never half a code point.
std::string Shortened(absl::string_view text, size_t longest) {
  if (text.size() <= longest) return std::string(text);
  constexpr absl::string_view kEllipsis = "...";
  size_t size = longest - kEllipsis.size();
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return absl::StrCat(text.substr(0, size), kEllipsis);
}

}  // namespace

absl::Status Classify(const absl::Status& status, absl::string_view trace_id) {
  if (status.ok() || !ReasonOf(status).empty()) return status;
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return Error(status.code(), v1::ERROR_REASON_DEADLINE_EXCEEDED,
                   "the call's time was over before it took effect; try again");
    case absl::StatusCode::kCancelled:
      return Error(status.code(), v1::ERROR_REASON_CANCELLED,
                   "the call was given up before it took effect");
    case absl::StatusCode::kResourceExhausted:
      return ErrorWithRetry(status.code(), v1::ERROR_REASON_OVERLOADED,
                            "the server has more work than it takes; try again in a moment",
                            kRetrySoon);
    case absl::StatusCode::kUnavailable:
      return ErrorWithRetry(status.code(), v1::ERROR_REASON_STORE_UNAVAILABLE,
                            "a part that the answer depends on cannot be reached; try again in a "
                            "moment",
                            kRetrySoon);
    case absl::StatusCode::kAborted:
      return Error(status.code(), v1::ERROR_REASON_CONFLICT,
                   "something that the call relied on changed while it ran, and nothing was done; "
                   "try again");
    default:
      return Error(
          absl::StatusCode::kInternal, v1::ERROR_REASON_INTERNAL,
          absl::StrCat("the server failed; its operator finds out why under trace id ", trace_id),
          {{"trace_id", std::string(trace_id)}});
  }
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(Shortened(status.message(), kLongestMessage));
  for (google::protobuf::Any& detail : DetailsOf(status)) {
    if (details.ByteSizeLong() + detail.ByteSizeLong() > kLongestDetails) continue;
    details.add_details()->Swap(&detail);
  }
  // absl's codes are gRPC's.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(),
                      details.SerializeAsString());
}

}  // namespace gatehouse::server
