// From a gRPC call to an operation and back. A method is one line that binds an operation and the
// lane it runs on to the method's message pair:
//
//   bridge.Bind<v1::UnlockAccountRequest, v1::UnlockAccountResponse>(lane, unlock_account);
//
// The bridge reads deadline, cancellation, caller and actor into a CallContext, runs the operation,
// makes the status, counts and logs, finishes, and wipes what was secret. A method that nothing is
// bound to answers UNIMPLEMENTED / NOT_IMPLEMENTED.
//
// Bind before the server starts; from then on all methods may be called from any thread. The bridge
// must outlive the server; it owns the operations that are moved into it, and nothing else.
#ifndef GATEHOUSE_SERVER_RPC_CALL_BRIDGE_H_
#define GATEHOUSE_SERVER_RPC_CALL_BRIDGE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

#include "server/operations/call_context.h"
#include "server/rpc/answer_queue.h"
#include "server/rpc/caller.h"
#include "server/runtime/clock.h"
#include "server/runtime/entropy.h"
#include "server/runtime/lane.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"

namespace gatehouse::server {

// An operation that runs to completion on a lane's thread.
template <typename Request, typename Response>
using Operation = std::function<absl::StatusOr<Response>(const CallContext&, const Request&)>;

// An operation that begins on gRPC's own thread, must not block it, and answers through `done`,
// exactly once, on any thread. Context and request live until then.
template <typename Request, typename Response>
using AsyncOperation = std::function<void(const CallContext&, const Request&,
                                          std::function<void(absl::StatusOr<Response>)> done)>;

class CallBridge {
 public:
  struct Parts {
    const Clock& clock;
    Entropy& entropy;
    const Logger& log;
    Metrics& metrics;
    AnswerQueue& answers;
    Transport transport = Transport::kMutualTls;
  };

  explicit CallBridge(Parts parts);
  ~CallBridge();
  CallBridge(const CallBridge&) = delete;
  CallBridge& operator=(const CallBridge&) = delete;

  // The lane must outlive the bridge. At most one binding a method.
  template <typename Request, typename Response>
  void Bind(Lane& lane, Operation<Request, Response> operation);
  template <typename Request, typename Response>
  void BindAsync(AsyncOperation<Request, Response> operation);

  // For the services: answers one call. The messages are gRPC's, and live until it is done.
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                   const google::protobuf::Message* request,
                                   google::protobuf::Message* response);

  // The answer of a method that this version does not have.
  static grpc::Status NotImplemented(absl::string_view method);

 private:
  class Call;
  struct Method;
  using Done = std::function<void(absl::Status)>;
  using Run = std::function<void(const CallContext&, const google::protobuf::Message& request,
                                 google::protobuf::Message& response, Done done)>;
  void BindErased(const google::protobuf::Descriptor* request, Lane* lane, Run run);
  std::string NextTraceId();

  const Parts parts_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Method>> methods_;
  std::string trace_prefix_;
  std::atomic<uint64_t> calls_{0};
};

template <typename Request, typename Response>
void CallBridge::Bind(Lane& lane, Operation<Request, Response> operation) {
  BindErased(Request::descriptor(), &lane,
             [operation = std::move(operation)](const CallContext& call,
                                                const google::protobuf::Message& request,
                                                google::protobuf::Message& response, Done done) {
               absl::StatusOr<Response> answer =
                   operation(call, static_cast<const Request&>(request));
               if (answer.ok()) static_cast<Response&>(response) = *std::move(answer);
               done(answer.status());
             });
}

template <typename Request, typename Response>
void CallBridge::BindAsync(AsyncOperation<Request, Response> operation) {
  BindErased(Request::descriptor(), nullptr,
             [operation = std::move(operation)](const CallContext& call,
                                                const google::protobuf::Message& request,
                                                google::protobuf::Message& response, Done done) {
               operation(call, static_cast<const Request&>(request),
                         [&response, done = std::move(done)](absl::StatusOr<Response> answer) {
                           if (answer.ok()) static_cast<Response&>(response) = *std::move(answer);
                           done(answer.status());
                         });
             });
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_CALL_BRIDGE_H_
