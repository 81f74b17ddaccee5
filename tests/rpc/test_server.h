// A real gRPC server in this process, on a Unix socket of its own: all services, with what the test
// has bound to their methods. Bind before Start. Gone with the object.
#ifndef GATEHOUSE_TESTS_RPC_TEST_SERVER_H_
#define GATEHOUSE_TESTS_RPC_TEST_SERVER_H_

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "grpcpp/channel.h"

#include "server/rpc/answer_queue.h"
#include "server/rpc/call_bridge.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/health_service.h"
#include "server/runtime/clock.h"
#include "server/runtime/entropy.h"
#include "server/runtime/lane.h"
#include "server/runtime/log.h"
#include "server/runtime/metrics.h"
#include "tests/harness/temporary_directory.h"

namespace gatehouse::server {

class TestServer {
 public:
  explicit TestServer(StreamPatience patience = {});

  CallBridge& bridge() { return bridge_; }
  AnswerQueue& answers() { return answers_; }
  Lane& lane() { return lane_; }
  HealthService& health() { return health_; }
  Metrics& metrics() { return metrics_; }
  FakeClock& clock() { return clock_; }

  // Starts the server and connects to it.
  void Start(bool introspection = false);
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // Drains the server; nothing can be called any more.
  void Stop(absl::Duration grace) { server_->Shutdown(grace); }

  // Everything that was logged. After Stop, or when no call is open.
  std::string LogText() const { return log_text_.str(); }

 private:
  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  SeededEntropy entropy_{7};
  std::ostringstream log_text_;
  Logger log_{LogLevel::kDebug, log_text_};
  Metrics metrics_;
  AnswerQueue answers_;
  Lane lane_;
  CallBridge bridge_;
  HealthService health_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  harness::TemporaryDirectory directory_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_RPC_TEST_SERVER_H_
