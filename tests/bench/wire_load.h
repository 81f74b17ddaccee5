// Load over the wire, and the system that takes it: the real server on a real Redis, pinned to one
// core, while the benchmark and its load stay on another, so that neither slows the other down.
//
// MeasureClosedLoop keeps a fixed number of calls in flight, for what an answer costs. RunOpenLoop
// asks at fixed instants, whether or not earlier calls were answered, and counts latency from the
// instant that was meant, for what a caller feels. All of it belongs to one thread; calls are
// gRPC's callback calls, answered on its threads. What fails ends the program.
#ifndef GATEHOUSE_TESTS_BENCH_WIRE_LOAD_H_
#define GATEHOUSE_TESTS_BENCH_WIRE_LOAD_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

#include "tests/harness/redis_process.h"
#include "tests/harness/server_process.h"

namespace gatehouse::bench {

inline constexpr int kSystemCore = 0;
inline constexpr int kLoadCore = 1;

// Keeps the calling thread, and the threads and processes that it will start, to one core.
void PinTo(int core);

// The server and its Redis, on kSystemCore; the calling thread is on kLoadCore from then on.
class PinnedSystem {
 public:
  // `options.redis` is filled in. Redis runs when this returns; the server waits for Start().
  explicit PinnedSystem(harness::ServerProcess::Options options);

  void Start();

  const harness::RedisProcess& redis() const { return *redis_; }
  harness::ServerProcess& server() { return *server_; }

  // Channels of connections of their own.
  std::vector<std::shared_ptr<grpc::Channel>> Connect(int connections) const;

  // CPU used so far, by the server and Redis together.
  double CpuMicroseconds();

 private:
  std::unique_ptr<harness::RedisProcess> redis_;
  std::unique_ptr<harness::ServerProcess> server_;
};

// Starts one call; tells on any thread whether its answer was the right one.
using Ask = std::function<void(std::function<void(bool right)> done)>;

struct CallOptions {
  absl::Duration deadline = absl::Seconds(20);
  std::string token = {};  // the actor's; empty: nobody
};

// Starts `method` of a stub's async interface; `check` judges status and response.
template <typename Async, typename Request, typename Response, typename Check>
void Send(Async* async,
          void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                std::function<void(grpc::Status)>),
          Request request, const CallOptions& options, Check check) {
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
  };
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->context.set_deadline(std::chrono::system_clock::now() +
                             absl::ToChronoNanoseconds(options.deadline));
  if (!options.token.empty()) {
    call->context.AddMetadata("authorization", "Bearer " + options.token);
  }
  (async->*method)(&call->context, &call->request, &call->response,
                   [call, check = std::move(check)](const grpc::Status& status) {
                     check(status, call->response);
                   });
}

struct ClosedLoopResult {
  std::int64_t answers = 0;
  absl::Duration took;
  double cpu_microseconds = 0;  // of the whole system

  double CpuPerAnswer() const { return cpu_microseconds / static_cast<double>(answers); }
  double AnswersPerSecond() const {
    return static_cast<double>(answers) / absl::ToDoubleSeconds(took);
  }
};

// Every answer must be right.
ClosedLoopResult MeasureClosedLoop(PinnedSystem& system, const Ask& ask, int in_flight,
                                   absl::Duration duration);

struct OpenLoopResult {
  std::int64_t asked = 0;
  std::int64_t right = 0;
  absl::Duration took;                    // until the last answer
  std::vector<absl::Duration> latencies;  // of right answers, in order of size

  absl::Duration Percentile(double share) const;
};

// Asks `rate` times a second; returns when every call was answered.
OpenLoopResult RunOpenLoop(const Ask& ask, double rate, absl::Duration duration);

// A line of /proc/PID/status that tells kB, such as "VmRSS", in MiB.
double MemoryMebibytes(pid_t process, const std::string& line);

}  // namespace gatehouse::bench

#endif  // GATEHOUSE_TESTS_BENCH_WIRE_LOAD_H_
