// What is bound to one method of the contract, what is known of its messages, and what is counted
// and logged of each of its calls. Const and thread-safe once the server has started.
#ifndef GATEHOUSE_SERVER_RPC_BOUND_METHOD_H_
#define GATEHOUSE_SERVER_RPC_BOUND_METHOD_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "google/protobuf/message.h"

#include "server/operations/call/secret_fields.h"
#include "server/operations/call_context.h"
#include "server/runtime/lane.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"

namespace gatehouse::server {

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

// Runs an operation, and calls `done` once, on any thread.
using RunUnary =
    std::function<void(const CallContext&, const google::protobuf::Message& request,
                       google::protobuf::Message& response, std::function<void(absl::Status)>)>;
// One step of a stream (server/operations/stream_operation.h), and how a stream's steps are made.
using StreamStep = std::function<absl::StatusOr<size_t>(
    const CallContext&, absl::Span<const MessagePtr> arrived, std::vector<MessagePtr>& answers)>;
using OpenStream = std::function<StreamStep()>;

struct BoundMethod {
  std::string name;      // without its service
  CallMetrics* metrics;  // shared by those that nothing is bound to
  SecretFields request_secrets;
  SecretFields response_secrets;
  Lane* lane = nullptr;  // null: on gRPC's own thread
  RunUnary run = nullptr;
  OpenStream open = nullptr;  // of a stream; without this and `run`: not implemented

  // Counts the call, and logs it if it did not end well. What the caller is told: a status with a
  // reason of ours.
  absl::Status NoteEnd(const CallContext& call, const absl::Status& status, absl::Duration latency,
                       const Logger& log) const;
};

// The answer of a method that this version does not have.
absl::Status NotImplementedError(absl::string_view method);

// What a lane says of a job that it did not run, as the caller is told.
absl::Status NotRun(const absl::Status& status);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_BOUND_METHOD_H_
