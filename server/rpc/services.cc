#include "server/rpc/services.h"

#include "gatehouse/v1/account_service.pb.h"
#include "gatehouse/v1/audit_service.pb.h"
#include "gatehouse/v1/organisation_service.pb.h"
#include "gatehouse/v1/policy_service.pb.h"
#include "gatehouse/v1/recovery_service.pb.h"
#include "gatehouse/v1/session_service.pb.h"

namespace gatehouse::server {

std::vector<const google::protobuf::ServiceDescriptor*> Services() {
  // Each file defines one service; one of its messages leads to the file.
  return {
      v1::CreateAccountRequest::descriptor()->file()->service(0),
      v1::ListAuditEventsRequest::descriptor()->file()->service(0),
      v1::CreateOrganisationRequest::descriptor()->file()->service(0),
      v1::GetPolicyRequest::descriptor()->file()->service(0),
      v1::StartPasswordResetRequest::descriptor()->file()->service(0),
      v1::CreateSessionRequest::descriptor()->file()->service(0),
  };
}

std::vector<std::unique_ptr<grpc::Service>> MakeServices(CallBridge& bridge) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(MakeAccountService(bridge));
  services.push_back(MakeAuditService(bridge));
  services.push_back(MakeOrganisationService(bridge));
  services.push_back(MakePolicyService(bridge));
  services.push_back(MakeRecoveryService(bridge));
  services.push_back(MakeSessionService(bridge));
  return services;
}

}  // namespace gatehouse::server
