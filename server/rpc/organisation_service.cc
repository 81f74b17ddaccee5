#include <memory>

#include "gatehouse/v1/organisation_service.grpc.pb.h"
#include "server/rpc/method_macros.h"
#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

class OrganisationService final : public v1::OrganisationService::CallbackService {
 public:
  explicit OrganisationService(CallBridge& bridge) : bridge_(bridge) {}

  GATEHOUSE_UNARY(CreateOrganisation)
  GATEHOUSE_UNARY(GetOrganisation)
  GATEHOUSE_UNARY(ListOrganisations)
  GATEHOUSE_UNARY(UpdateOrganisation)
  GATEHOUSE_UNARY(PublishAcceptableUsePolicy)
  GATEHOUSE_UNARY(GetAcceptableUsePolicy)

 private:
  CallBridge& bridge_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeOrganisationService(CallBridge& bridge) {
  return std::make_unique<OrganisationService>(bridge);
}

}  // namespace gatehouse::server
