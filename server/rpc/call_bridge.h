// From a gRPC call to an operation and back. A method is one line that binds an operation and the
// lane it runs on to the method's message pair:
//
//   bridge.Bind<v1::UnlockAccountRequest, v1::UnlockAccountResponse>(lane, unlock_account);
//
// The bridge reads deadline, cancellation, caller and actor into a CallContext, runs the operation,
// waits (without a thread) until all servers know of a revocation that the answer tells of, makes
// the status, finishes, and wipes what was secret. A method that nothing is bound to answers
// UNIMPLEMENTED / NOT_IMPLEMENTED.
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

#include "gatehouse/v1/revocation.pb.h"
#include "server/operations/call_context.h"
#include "server/rpc/caller.h"
#include "server/runtime/clock.h"
#include "server/runtime/entropy.h"
#include "server/runtime/lane.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"

namespace gatehouse::server {

// How a revocation reached the servers.
struct Confirmation {
  int confirmed_servers = 0;
  int silent_servers = 0;
  absl::Duration duration;
};

// Calls back once, on any thread, when every server knows the revocation log up to `position` or
// can no longer answer "valid".
using ConfirmRevocation =
    std::function<void(int64_t position, std::function<void(Confirmation)> done)>;

// An operation that runs to completion on a lane's thread.
template <typename Request, typename Response>
using Operation = std::function<absl::StatusOr<Response>(const CallContext&, const Request&)>;

// An operation that begins on gRPC's own thread, must not block it, and says when it is done, on
// any thread, once. Context, request and response live until then; it fills the response itself.
template <typename Request, typename Response>
using AsyncOperation = std::function<void(const CallContext&, const Request&, Response&,
                                          std::function<void(absl::Status)> done)>;

class CallBridge {
 public:
  struct Parts {
    const Clock& clock;
    Entropy& entropy;
    const Logger& log;
    Metrics& metrics;
    ConfirmRevocation confirm;
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
  // The revocation that a response tells of; null if it tells of none.
  using FindRevocation = v1::Revocation* (*)(google::protobuf::Message& response);

  template <typename Response>
  static v1::Revocation* RevocationOf(google::protobuf::Message& response);

  void BindErased(const google::protobuf::Descriptor* request, Lane* lane, Run run,
                  FindRevocation find_revocation);
  std::string NextTraceId();

  const Parts parts_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, std::unique_ptr<Method>> methods_;
  std::string trace_prefix_;
  std::atomic<uint64_t> calls_{0};
};

template <typename Request, typename Response>
void CallBridge::Bind(Lane& lane, Operation<Request, Response> operation) {
  BindErased(
      Request::descriptor(), &lane,
      [operation = std::move(operation)](const CallContext& call,
                                         const google::protobuf::Message& request,
                                         google::protobuf::Message& response, Done done) {
        absl::StatusOr<Response> answer = operation(call, static_cast<const Request&>(request));
        if (answer.ok()) static_cast<Response&>(response) = *std::move(answer);
        done(answer.status());
      },
      &RevocationOf<Response>);
}

template <typename Request, typename Response>
void CallBridge::BindAsync(AsyncOperation<Request, Response> operation) {
  BindErased(
      Request::descriptor(), nullptr,
      [operation = std::move(operation)](const CallContext& call,
                                         const google::protobuf::Message& request,
                                         google::protobuf::Message& response, Done done) {
        operation(call, static_cast<const Request&>(request), static_cast<Response&>(response),
                  std::move(done));
      },
      &RevocationOf<Response>);
}

template <typename Response>
v1::Revocation* CallBridge::RevocationOf(google::protobuf::Message& message) {
  [[maybe_unused]] auto& response = static_cast<Response&>(message);
  if constexpr (requires { response.mutable_revocation(); }) {
    return response.has_revocation() ? response.mutable_revocation() : nullptr;
  } else if constexpr (requires { response.mutable_receipt()->mutable_revocation(); }) {
    const bool told = response.has_receipt() && response.receipt().has_revocation();
    return told ? response.mutable_receipt()->mutable_revocation() : nullptr;
  } else {
    return nullptr;
  }
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_CALL_BRIDGE_H_
