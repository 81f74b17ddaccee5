#include <memory>

#include "gatehouse/v1/account_service.grpc.pb.h"
#include "server/rpc/method_macros.h"
#include "server/rpc/services.h"

namespace gatehouse::server {
namespace {

class AccountService final : public v1::AccountService::CallbackService {
 public:
  explicit AccountService(CallBridge& bridge) : bridge_(bridge) {}

  GATEHOUSE_UNARY(CreateAccount)
  GATEHOUSE_UNARY(GetAccount)
  GATEHOUSE_UNARY(ListAccounts)
  GATEHOUSE_UNARY(UpdateProfile)
  GATEHOUSE_UNARY(ChangePassword)
  GATEHOUSE_UNARY(SetAccountSecret)
  GATEHOUSE_UNARY(CompleteRequiredActions)
  GATEHOUSE_UNARY(ResecureAccount)
  GATEHOUSE_UNARY(ResetPassword)
  GATEHOUSE_UNARY(UnlockAccount)
  GATEHOUSE_UNARY(DisableAccount)
  GATEHOUSE_UNARY(EnableAccount)
  GATEHOUSE_UNARY(DeleteAccount)
  GATEHOUSE_UNARY(RestoreAccount)
  GATEHOUSE_UNARY(MarkLeaver)
  GATEHOUSE_UNARY(JoinOrganisation)
  GATEHOUSE_UNARY(GrantRole)
  GATEHOUSE_UNARY(WithdrawRole)
  GATEHOUSE_UNARY(StartIdentityVerification)
  GATEHOUSE_UNARY(AnswerIdentityVerification)
  GATEHOUSE_UNARY(CheckEligibility)
  GATEHOUSE_UNARY(BatchCheckEligibility)
  GATEHOUSE_UNARY(RegisterAuthenticationMethod)
  GATEHOUSE_UNARY(ConfirmAuthenticationMethod)
  GATEHOUSE_UNARY(ListAuthenticationMethods)
  GATEHOUSE_UNARY(RemoveAuthenticationMethod)
  GATEHOUSE_UNARY(ResetAuthenticationMethods)
  GATEHOUSE_BIDI_STREAM(ImportAccounts)
  GATEHOUSE_UNARY(GetAccountTimeline)

 private:
  CallBridge& bridge_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAccountService(CallBridge& bridge) {
  return std::make_unique<AccountService>(bridge);
}

}  // namespace gatehouse::server
