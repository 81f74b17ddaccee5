#include <memory>

#include "gatehouse/v1/recovery_service.grpc.pb.h"
#include "server/rpc/method_macros.h"
#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

class RecoveryService final : public v1::RecoveryService::CallbackService {
 public:
  explicit RecoveryService(CallBridge& bridge) : bridge_(bridge) {}

  GATEHOUSE_UNARY(StartPasswordReset)
  GATEHOUSE_UNARY(SendPasswordResetCode)
  GATEHOUSE_UNARY(VerifyPasswordResetCode)
  GATEHOUSE_UNARY(CompletePasswordReset)

 private:
  CallBridge& bridge_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRecoveryService(CallBridge& bridge) {
  return std::make_unique<RecoveryService>(bridge);
}

}  // namespace gatehouse::server
