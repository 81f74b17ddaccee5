#include <memory>

#include "gatehouse/v1/audit_service.grpc.pb.h"
#include "server/rpc/method_macros.h"
#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

class AuditService final : public v1::AuditService::CallbackService {
 public:
  explicit AuditService(CallBridge& bridge) : bridge_(bridge) {}

  GATEHOUSE_UNARY(ListAuditEvents)
  GATEHOUSE_UNARY(VerifyAuditLog)
  GATEHOUSE_LATER_SERVER_STREAM(ExportAuditLog)

 private:
  CallBridge& bridge_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAuditService(CallBridge& bridge) {
  return std::make_unique<AuditService>(bridge);
}

}  // namespace gatehouse::server
