// The services of gatehouse.v1 as gRPC wants them: each method hands its call to the bridge. One
// thin file a service; what a method does is bound in server/assembly.cc. A service is registered
// with the server, must outlive it, and needs the bridge as long. Thread-safe.
#ifndef GATEHOUSE_SERVER_RPC_SERVICES_H_
#define GATEHOUSE_SERVER_RPC_SERVICES_H_

#include <memory>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/service_type.h"

#include "server/rpc/call_bridge.h"

namespace gatehouse::server {

std::unique_ptr<grpc::Service> MakeAccountService(CallBridge& bridge);
std::unique_ptr<grpc::Service> MakeAuditService(CallBridge& bridge);
std::unique_ptr<grpc::Service> MakeOrganisationService(CallBridge& bridge);
std::unique_ptr<grpc::Service> MakePolicyService(CallBridge& bridge);
std::unique_ptr<grpc::Service> MakeRecoveryService(CallBridge& bridge);
std::unique_ptr<grpc::Service> MakeSessionService(CallBridge& bridge);

// Their descriptions, in the same order.
std::vector<const google::protobuf::ServiceDescriptor*> Services();

// All of them, in the same order.
std::vector<std::unique_ptr<grpc::Service>> MakeServices(CallBridge& bridge);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_RPC_SERVICES_H_
