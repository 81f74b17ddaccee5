// The only maker of a grpc::Status. Operations speak absl::Status with the details of google.rpc as
// payloads (server/operations/errors.h); clients get them as google.rpc.Status in the trailer
// `grpc-status-details-bin`. What carries no reason of ours is told by its code alone, never by its
// text, which may be a driver's. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_RPC_STATUS_CONVERSION_H_
#define GATEHOUSE_SERVER_RPC_STATUS_CONVERSION_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"

namespace gatehouse::server {

// A status with a reason of ours, as it is; any other replaced by what a client may know of it:
// deadline, cancellation, overload, unavailability and conflict by their reasons, the rest as
// INTERNAL with the trace id by which the log tells more.
absl::Status Classify(const absl::Status& status, absl::string_view trace_id);

// Of a classified status. A trailer that the client's limits would refuse makes the whole error
// unreadable, so details that do not fit into 5 KiB are left out, the most useful kept first; the
// message holds what a person needs.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_STATUS_CONVERSION_H_
