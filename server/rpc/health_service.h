// grpc.health.v1 for the whole server and for each of its services by name. All of them are usable
// or none is, since each needs the policy, the database and Redis. NOT_SERVING from the start.
// Thread-safe; register it with the server, and let it outlive that.
#ifndef GATEHOUSE_SERVER_RPC_HEALTH_SERVICE_H_
#define GATEHOUSE_SERVER_RPC_HEALTH_SERVICE_H_

#include <mutex>
#include <set>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"

namespace gatehouse::server {

class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  HealthService();
  ~HealthService() override;

  bool serving() const;
  // Tells every watcher when it changes. Without effect after Stop.
  void SetServing(bool serving);

  // NOT_SERVING for good; tells every watcher and ends the watches, so that none outlives the
  // server's patience.
  void Stop();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;

  bool Knows(const std::string& service) const { return names_.contains(service); }

  const std::set<std::string> names_;  // "" is the server

  mutable std::mutex mutex_;
  bool serving_ = false;         // guarded by mutex_
  bool stopped_ = false;         // guarded by mutex_
  std::set<Watcher*> watchers_;  // guarded by mutex_; each deletes itself when gRPC is done with it
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_HEALTH_SERVICE_H_
