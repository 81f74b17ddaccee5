#include "tests/rpc/test_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"

#include "server/rpc/services.h"
#include "tests/harness/fatal.h"

namespace gatehouse::server {

TestServer::TestServer(StreamPatience patience)
    : lane_({.threads = 2, .queue_limit = 4}, clock_, metrics_.ForLane("test")),
      bridge_({.clock = clock_,
               .entropy = entropy_,
               .log = log_,
               .metrics = metrics_,
               .answers = answers_,
               .transport = Transport::kInsecureLoopback,
               .stream_patience = patience}),
      services_(MakeServices(bridge_)) {}

void TestServer::Start(bool introspection) {
  const std::string address = absl::StrCat("unix:", (directory_ / "rpc.sock").string());
  std::vector<grpc::Service*> services = {&health_};
  for (const auto& service : services_) services.push_back(service.get());
  auto server = GrpcServer::Start({.address = address,
                                   .credentials = grpc::InsecureServerCredentials(),
                                   .introspection = introspection},
                                  services);
  if (!server.ok()) harness::Fatal(server.status().ToString());
  server_ = *std::move(server);
  channel_ = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
}

}  // namespace gatehouse::server
