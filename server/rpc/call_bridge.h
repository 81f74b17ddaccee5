// From a gRPC call to an operation and back. A method is one line that binds an operation and the
// lane it runs on to the method's message pair:
//
//   bridge.Bind<v1::UnlockAccountRequest, v1::UnlockAccountResponse>(lane, unlock_account);
//
// A stream is answered by a StreamOperation, which BindStream has made anew for each of them.
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
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

#include "server/operations/call_context.h"
#include "server/operations/stream_operation.h"
#include "server/rpc/answer_queue.h"
#include "server/rpc/bound_method.h"
#include "server/rpc/caller.h"
#include "server/rpc/stream_call.h"
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
    StreamPatience stream_patience{};
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

  // `open` makes what takes the steps of one stream.
  template <typename Request, typename Response>
  void BindStream(Lane& lane,
                  std::function<std::unique_ptr<StreamOperation<Request, Response>>()> open);

  // For the services: answers one call. The messages are gRPC's, and live until it is done.
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                   const google::protobuf::Message* request,
                                   google::protobuf::Message* response);

  template <typename Request, typename Response>
  grpc::ServerBidiReactor<Request, Response>* AnswerStream(grpc::CallbackServerContext* context);

  // The answer of a method that this version does not have.
  static grpc::Status NotImplemented(absl::string_view method);

  // The server is about to stop: ends every stream as soon as its step at hand is over, and those
  // that begin from now on at once.
  void EndStreams();

 private:
  class Call;
  using Done = std::function<void(absl::Status)>;
  // What is bound to a method, to be filled in.
  BoundMethod& Bound(const google::protobuf::Descriptor* request, Lane* lane);
  CallContext ContextOf(const grpc::CallbackServerContext& context, const std::string& method,
                        absl::Duration patience);
  StreamCall::Parts PartsOf(const BoundMethod& method) const;
  void Begin(const std::shared_ptr<StreamCall>& stream, const BoundMethod& method,
             const absl::Status& caller);
  std::string NextTraceId();

  const Parts parts_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<BoundMethod>> methods_;
  std::mutex streams_mutex_;
  // Guarded by streams_mutex_.
  std::vector<std::weak_ptr<StreamCall>> streams_;
  bool stopping_ = false;
  std::string trace_prefix_;
  std::atomic<uint64_t> calls_{0};
};

template <typename Request, typename Response>
void CallBridge::Bind(Lane& lane, Operation<Request, Response> operation) {
  Bound(Request::descriptor(), &lane).run =
      [operation = std::move(operation)](const CallContext& call,
                                         const google::protobuf::Message& request,
                                         google::protobuf::Message& response, const Done& done) {
        absl::StatusOr<Response> answer = operation(call, static_cast<const Request&>(request));
        if (answer.ok()) static_cast<Response&>(response) = *std::move(answer);
        done(answer.status());
      };
}

template <typename Request, typename Response>
void CallBridge::BindAsync(AsyncOperation<Request, Response> operation) {
  Bound(Request::descriptor(), nullptr).run = [operation = std::move(operation)](
                                                  const CallContext& call,
                                                  const google::protobuf::Message& request,
                                                  google::protobuf::Message& response, Done done) {
    operation(call, static_cast<const Request&>(request),
              [&response, done = std::move(done)](absl::StatusOr<Response> answer) {
                if (answer.ok()) static_cast<Response&>(response) = *std::move(answer);
                done(answer.status());
              });
  };
}

template <typename Request, typename Response>
void CallBridge::BindStream(
    Lane& lane, std::function<std::unique_ptr<StreamOperation<Request, Response>>()> open) {
  Bound(Request::descriptor(), &lane).open = [open = std::move(open)]() -> StreamStep {
    return [operation = std::shared_ptr<StreamOperation<Request, Response>>(open())](
               const CallContext& call, absl::Span<const MessagePtr> arrived,
               std::vector<MessagePtr>& answers) -> absl::StatusOr<size_t> {
      std::vector<const Request*> requests;
      requests.reserve(arrived.size());
      for (const MessagePtr& message : arrived) {
        requests.push_back(static_cast<const Request*>(message.get()));
      }
      std::vector<Response> responses;
      absl::StatusOr<size_t> taken = operation->Step(call, requests, responses);
      for (Response& response : responses) {
        answers.push_back(std::make_unique<Response>(std::move(response)));
      }
      return taken;
    };
  };
}

template <typename Request, typename Response>
grpc::ServerBidiReactor<Request, Response>* CallBridge::AnswerStream(
    grpc::CallbackServerContext* context) {
  const BoundMethod& method = *methods_.at(Request::descriptor());
  CallContext call = ContextOf(*context, method.name, absl::InfiniteDuration());
  absl::StatusOr<std::string> caller = CallerName(*context, parts_.transport);
  if (caller.ok()) call.caller = *caller;
  const auto stream = std::make_shared<TypedStreamCall<Request, Response>>(
      *context, PartsOf(method), std::move(call));
  Begin(stream, method, caller.status());
  return stream.get();
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_CALL_BRIDGE_H_
