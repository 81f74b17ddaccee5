#include <memory>

#include "gatehouse/v1/session_service.grpc.pb.h"
#include "server/rpc/method_macros.h"
#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

class SessionService final : public v1::SessionService::CallbackService {
 public:
  explicit SessionService(CallBridge& bridge) : bridge_(bridge) {}

  GATEHOUSE_UNARY(CreateSession)
  GATEHOUSE_UNARY(SendSecondFactorCode)
  GATEHOUSE_UNARY(AnswerSecondFactor)
  GATEHOUSE_UNARY(ValidateSession)
  GATEHOUSE_UNARY(BatchValidateSessions)
  GATEHOUSE_UNARY(ListSessions)
  GATEHOUSE_UNARY(RevokeSession)
  GATEHOUSE_UNARY(RevokeAllSessions)
  GATEHOUSE_UNARY(RevokeEverything)
  GATEHOUSE_LATER_BIDI_STREAM(WatchRevocations)

 private:
  CallBridge& bridge_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSessionService(CallBridge& bridge) {
  return std::make_unique<SessionService>(bridge);
}

}  // namespace gatehouse::server
