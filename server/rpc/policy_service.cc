#include <memory>

#include "gatehouse/v1/policy_service.grpc.pb.h"
#include "server/rpc/method_macros.h"
#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

class PolicyService final : public v1::PolicyService::CallbackService {
 public:
  explicit PolicyService(CallBridge& bridge) : bridge_(bridge) {}

  GATEHOUSE_UNARY(GetPolicy)
  GATEHOUSE_UNARY(ListPolicyRevisions)
  GATEHOUSE_UNARY(ValidatePolicy)
  GATEHOUSE_UNARY(DiffPolicies)
  GATEHOUSE_UNARY(ActivatePolicy)
  GATEHOUSE_UNARY(ExplainDecision)
  GATEHOUSE_UNARY(ReplayDecisions)

 private:
  CallBridge& bridge_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePolicyService(CallBridge& bridge) {
  return std::make_unique<PolicyService>(bridge);
}

}  // namespace gatehouse::server
