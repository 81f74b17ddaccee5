// The gRPC server itself: where it listens, what it offers, and the limits within which strangers
// can cost it something. gRPC brings its own threads for callbacks, half as many as there are cores
// but two at least. Shutdown and destruction belong to the owner's thread.
#ifndef GATEHOUSE_SERVER_RPC_GRPC_SERVER_H_
#define GATEHOUSE_SERVER_RPC_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"

namespace gatehouse::server {

class GrpcServer {
 public:
  struct Options {
    std::string address;  // HOST:PORT, port 0 for any free one, or unix:PATH
    std::shared_ptr<grpc::ServerCredentials> credentials;
    bool introspection = false;  // reflection and channelz
  };

  // The services must outlive the server. UNAVAILABLE names the address and the cause.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const Options& options, const std::vector<grpc::Service*>& services);

  ~GrpcServer();  // Shutdown without grace
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // The port listened on; 0 for a Unix socket.
  int port() const { return port_; }

  // Takes no more calls, cancels those that are not done within `grace`, and returns when none is
  // left.
  void Shutdown(absl::Duration grace);

 private:
  GrpcServer(std::unique_ptr<grpc::Server> server, int port);

  const std::unique_ptr<grpc::Server> server_;
  const int port_;
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_GRPC_SERVER_H_
