// One stream of messages both ways between gRPC and a StreamOperation.
//
// What arrives is read ahead, up to a bound, while a step of the operation runs on its lane; the
// next step takes all that has arrived meanwhile, so that steps grow with the load. Nothing is read
// while there is no room, which HTTP/2 passes on to the client, and no step begins while the client
// does not read the answers it has. A stream without messages holds no thread. Each step has a
// deadline of its own, as a call without one has, and never beyond the stream's. A client whose
// turn it is, to speak or to take an answer, and who does not, is waited for within bounds; a
// step's own time is not counted against it.
//
// StreamCall is the machine; TypedStreamCall gives it gRPC's reactor for one pair of messages. It
// belongs to gRPC until OnDone, and to whoever holds a pointer to it. Thread-safe: one thread at a
// time acts on gRPC (Advance), and whatever others note meanwhile is acted on by that one.
#ifndef GATEHOUSE_SERVER_RPC_STREAM_CALL_H_
#define GATEHOUSE_SERVER_RPC_STREAM_CALL_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"

#include "server/operations/call_context.h"
#include "server/rpc/bound_method.h"
#include "server/runtime/clock.h"
#include "server/runtime/log.h"

namespace gatehouse::server {

// How long a client is waited for whose turn it is.
struct StreamPatience {
  absl::Duration first = absl::Seconds(10);   // until its first message
  absl::Duration between = absl::Minutes(1);  // for every other one, and to take an answer
};

class StreamCall : public std::enable_shared_from_this<StreamCall> {
 public:
  struct Parts {
    const Clock& clock;
    const Logger& log;
    const BoundMethod& method;
    absl::Duration step_patience;  // how long a step may wait and run
    StreamPatience patience{};
  };

  // `call.deadline` is the stream's; the token and the caller are its actor's for all of it.
  StreamCall(const Parts& parts, CallContext call);
  virtual ~StreamCall() = default;
  StreamCall(const StreamCall&) = delete;
  StreamCall& operator=(const StreamCall&) = delete;

  // Begins to read; or ends it at once, if `refusal` is not OK.
  void Start(const absl::Status& refusal);

  // Ends it as soon as the step at hand is over: what it has taken so far is answered.
  void End(const absl::Status& why);

 protected:
  // What gRPC noted.
  void NoteRead(MessagePtr message);  // null: no more will come
  void NoteWritten(bool ok);
  void NoteCancelled();
  void NoteDone();  // this may be gone afterwards

 private:
  enum class Action { kNone, kRead, kWrite, kStep, kBreakOff, kFinish };

  // On gRPC's reactor; never two at once.
  virtual void BeginRead() = 0;
  virtual void BeginWrite(const google::protobuf::Message& answer) = 0;
  virtual void Finish(grpc::Status status) = 0;
  // Breaks it off, without waiting for the client to take what is on its way.
  virtual void BreakOff() = 0;

  void Advance();
  void Perform(Action action);
  void SubmitStep();
  void RunStep();
  void NoteStep(const absl::Status& outcome, std::vector<MessagePtr> answers);
  // Ends it, if the client was waited for long enough; else looks again when it might be.
  void Watch();

  // These need mutex_.
  absl::Duration PatienceLeft() const;
  void WatchIn(absl::Duration time);
  Action NextAction();
  void EndLocked(const absl::Status& why);
  void NoteGone();
  bool HasRoom() const;
  void WipeAll();

  const Parts parts_;
  const absl::Duration started_;
  const absl::Time deadline_;
  CallContext call_;  // a step's own, while it runs
  const StreamStep step_;
  std::atomic<bool> cancelled_{false};
  std::shared_ptr<StreamCall> self_;  // until OnDone

  std::mutex mutex_;                    // guards what follows
  std::deque<MessagePtr> arrived_;      // not taken by a step yet
  size_t arrived_bytes_ = 0;            // of these
  std::deque<MessagePtr> answers_;      // not sent yet
  size_t answers_bytes_ = 0;            // of these
  MessagePtr writing_;                  // the answer that gRPC sends
  absl::Duration writing_since_{};      // monotonic
  std::optional<absl::Status> ending_;  // how it ends, once what is at hand is over
  bool advancing_ = false;              // somebody acts on gRPC
  bool reading_ = false;
  bool read_all_ = false;
  bool stepping_ = false;
  bool finished_ = false;
  bool breaks_off_ = false;             // wanted, and not done yet
  bool heard_ = false;                  // a first message has come
  absl::Duration moved_;                // when it was last the client's turn anew, monotonic
  std::unique_ptr<grpc::Alarm> alarm_;  // of Watch
};

template <typename Request, typename Response>
class TypedStreamCall final : public grpc::ServerBidiReactor<Request, Response>, public StreamCall {
 public:
  // `context` is gRPC's, and lives until OnDone.
  TypedStreamCall(grpc::CallbackServerContext& context, const Parts& parts, CallContext call)
      : StreamCall(parts, std::move(call)), context_(context) {}

  void OnReadDone(bool ok) override { NoteRead(ok ? std::move(read_) : nullptr); }
  void OnWriteDone(bool ok) override { NoteWritten(ok); }
  void OnCancel() override { NoteCancelled(); }
  void OnDone() override { NoteDone(); }

 private:
  using Reactor = grpc::ServerBidiReactor<Request, Response>;

  void BeginRead() override {
    read_ = std::make_unique<Request>();
    Reactor::StartRead(read_.get());
  }
  void BeginWrite(const google::protobuf::Message& answer) override {
    Reactor::StartWrite(static_cast<const Response*>(&answer));
  }
  void Finish(grpc::Status status) override { Reactor::Finish(std::move(status)); }
  void BreakOff() override { context_.TryCancel(); }

  grpc::CallbackServerContext& context_;
  std::unique_ptr<Request> read_;  // while gRPC reads into it
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_STREAM_CALL_H_
