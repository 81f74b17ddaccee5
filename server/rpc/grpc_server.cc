#include "server/rpc/grpc_server.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/impl/server_builder_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server_builder.h"

#include "server/rpc/listening.h"

namespace gatehouse::server {
namespace {

constexpr int kLargestMessage = 1 << 20;       // bytes
constexpr int kLargestMetadata = 16 << 10;     // bytes a call
constexpr size_t kMemoryForCalls = 256 << 20;  // bytes, all connections together
constexpr int kStreamsPerConnection = 128;
constexpr int kKeepaliveTime = 60'000;             // ms
constexpr int kKeepaliveTimeout = 20'000;          // ms
constexpr int kLeastPingInterval = 10'000;         // ms; who pings more often is disconnected
constexpr int kLongestIdleConnection = 1'800'000;  // ms

// Once asked for, reflection and channelz are part of every server of the process; this takes them
// out again.
class WithoutIntrospection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const auto& plugin) {
      return absl::StrContains(plugin->name(), "reflection") ||
             absl::StrContains(plugin->name(), "channelz");
    });
  }
};

void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kLargestMessage);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kLargestMetadata);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTime);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeout);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kLeastPingInterval);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kLongestIdleConnection);
  builder.SetResourceQuota(grpc::ResourceQuota("gatehouse").Resize(kMemoryForCalls));
  // Two servers on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Reflection and channelz alone are synchronous.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const Options& options, const std::vector<grpc::Service*>& services) {
  if (absl::Status free = ProbeListenAddress(options.address); !free.ok()) return free;
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();
  grpc::ServerBuilder builder;
  SetLimits(builder);
  if (options.introspection) {
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 1);
  } else {
    builder.SetOption(std::make_unique<WithoutIntrospection>());
  }
  for (grpc::Service* service : services) builder.RegisterService(service);
  int port = 0;
  builder.AddListeningPort(options.address, options.credentials, &port);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options.address,
                                               ": the address cannot be bound, or the TLS key and ",
                                               "certificate do not belong together"));
  }
  const bool is_unix = absl::StartsWith(options.address, "unix:");
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(server), is_unix ? 0 : port));
}

GrpcServer::GrpcServer(std::unique_ptr<grpc::Server> server, int port)
    : server_(std::move(server)), port_(port) {}

GrpcServer::~GrpcServer() { Shutdown(absl::ZeroDuration()); }

void GrpcServer::Shutdown(absl::Duration grace) {
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
}

}  // namespace gatehouse::server
