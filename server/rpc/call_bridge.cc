#include "server/rpc/call_bridge.h"

#include <array>
#include <chrono>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#include "server/operations/call/secret_fields.h"
#include "server/operations/errors.h"
#include "server/rpc/services.h"
#include "server/rpc/status_conversion.h"

namespace gatehouse::server {
namespace {

using google::protobuf::Message;

constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);

// The caller's deadline as an instant of our clock, which need not be the system's; without one,
// `patience` from now.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context, absl::Time now,
                      absl::Duration patience) {
  const std::chrono::system_clock::time_point deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return now + patience;
  return now + absl::FromChrono(deadline - std::chrono::system_clock::now());
}

absl::Status ShuttingDown() {
  return ErrorWithRetry(
      absl::StatusCode::kUnavailable, v1::ERROR_REASON_SHUTTING_DOWN,
      "the server is stopping; what was answered is done, and the rest can be sent again",
      absl::Seconds(1));
}

}  // namespace

// One call. It belongs to gRPC, which says by OnDone when nobody needs it any more; after Finish it
// may be gone at any moment.
class CallBridge::Call final : public grpc::ServerUnaryReactor {
 public:
  Call(CallBridge& bridge, const BoundMethod& method, grpc::CallbackServerContext& context,
       const Message& request, Message& response)
      : parts_(bridge.parts_),
        method_(method),
        request_(request),
        response_(response),
        started_(parts_.clock.Monotonic()),
        call_(bridge.ContextOf(context, method.name, kDefaultDeadline)) {
    call_.cancelled = [this] { return cancelled_.load(std::memory_order_relaxed); };
  }

  void Start(const grpc::CallbackServerContext& context) {
    if (!method_.run) return Complete(NotImplementedError(method_.name));
    absl::StatusOr<std::string> caller = CallerName(context, parts_.transport);
    if (!caller.ok()) return Complete(caller.status());
    call_.caller = *std::move(caller);
    if (method_.lane == nullptr) return RunOperation();
    absl::Status queued = method_.lane->Submit({
        .deadline = call_.deadline,
        .cancelled = call_.cancelled,
        .run = [this] { RunOperation(); },
        .on_dropped = [this](const absl::Status& why) { Complete(NotRun(why)); },
    });
    if (!queued.ok()) Complete(NotRun(queued));
  }

  void OnCancel() override { cancelled_.store(true, std::memory_order_relaxed); }

  void OnDone() override {
    // gRPC hands requests out const, but they are its own heap objects, and nobody reads them now.
    method_.request_secrets.Wipe(const_cast<Message&>(request_));
    method_.response_secrets.Wipe(response_);
    AnswerQueue& answers = parts_.answers;
    delete this;
    answers.Help();
  }

  // None of the above waits for anything, so gRPC need not hand it over to its executor, which
  // would be one more thread to wake for each call. Not called API, but the only way to say so.
  bool InternalInlineable() override { return true; }

 private:
  void RunOperation() {
    method_.run(call_, request_, response_,
                [this](const absl::Status& status) { Complete(status); });
  }

  void Complete(const absl::Status& status) {
    const absl::Status told =
        method_.NoteEnd(call_, status, parts_.clock.Monotonic() - started_, parts_.log);
    if (parts_.log.Writes(LogLevel::kDebug)) {
      parts_.log.Debug("call", {{"trace_id", call_.trace_id},
                                {"method", call_.method},
                                {"request", method_.request_secrets.Redacted(request_)},
                                {"response", method_.response_secrets.Redacted(response_)}});
    }
    parts_.answers.Finish(*this, ToGrpcStatus(told));
  }

  const Parts& parts_;
  const BoundMethod& method_;
  const Message& request_;
  Message& response_;
  const absl::Duration started_;
  CallContext call_;
  std::atomic<bool> cancelled_{false};
};

CallBridge::CallBridge(Parts parts) : parts_(std::move(parts)) {
  std::array<uint8_t, 8> random;
  parts_.entropy.Fill(absl::MakeSpan(random));
  trace_prefix_ = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(random.data()), random.size()));
  for (const google::protobuf::ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const google::protobuf::MethodDescriptor* method = service->method(i);
      methods_[method->input_type()] = std::make_unique<BoundMethod>(
          BoundMethod{.name = method->name(),
                      .metrics = &parts_.metrics.ForMethod("NotImplemented"),
                      .request_secrets = SecretFields(method->input_type()),
                      .response_secrets = SecretFields(method->output_type())});
    }
  }
}

CallBridge::~CallBridge() = default;

BoundMethod& CallBridge::Bound(const google::protobuf::Descriptor* request, Lane* lane) {
  BoundMethod& method = *methods_.at(request);
  method.metrics = &parts_.metrics.ForMethod(method.name);
  method.lane = lane;
  return method;
}

CallContext CallBridge::ContextOf(const grpc::CallbackServerContext& context,
                                  const std::string& method, absl::Duration patience) {
  CallContext call;
  call.now = parts_.clock.Now();
  call.deadline = DeadlineOf(context, call.now, patience);
  call.method = method;
  call.trace_id = NextTraceId();
  call.token = BearerToken(context);
  return call;
}

grpc::ServerUnaryReactor* CallBridge::Answer(grpc::CallbackServerContext* context,
                                             const Message* request, Message* response) {
  auto* call =
      new Call(*this, *methods_.at(request->GetDescriptor()), *context, *request, *response);
  call->Start(*context);
  return call;
}

StreamCall::Parts CallBridge::PartsOf(const BoundMethod& method) const {
  return {.clock = parts_.clock,
          .log = parts_.log,
          .method = method,
          .step_patience = kDefaultDeadline,
          .patience = parts_.stream_patience};
}

void CallBridge::Begin(const std::shared_ptr<StreamCall>& stream, const BoundMethod& method,
                       const absl::Status& caller) {
  bool stopping = false;
  {
    const std::lock_guard lock(streams_mutex_);
    std::erase_if(streams_, [](const auto& other) { return other.expired(); });
    streams_.push_back(stream);
    stopping = stopping_;
  }
  if (stopping) return stream->Start(ShuttingDown());
  stream->Start(method.open ? caller : NotImplementedError(method.name));
}

void CallBridge::EndStreams() {
  std::vector<std::weak_ptr<StreamCall>> streams;
  {
    const std::lock_guard lock(streams_mutex_);
    streams.swap(streams_);
    stopping_ = true;
  }
  for (const auto& weak : streams) {
    const std::shared_ptr<StreamCall> stream = weak.lock();
    if (stream != nullptr) stream->End(ShuttingDown());
  }
}

grpc::Status CallBridge::NotImplemented(absl::string_view method) {
  return ToGrpcStatus(NotImplementedError(method));
}

// Unique to this process and this call, without asking for randomness each time.
std::string CallBridge::NextTraceId() {
  return absl::StrCat(trace_prefix_,
                      absl::Hex(calls_.fetch_add(1, std::memory_order_relaxed), absl::kZeroPad16));
}

}  // namespace gatehouse::server
