#include "server/rpc/bindings.h"

#include <functional>
#include <memory>
#include <utility>

#include "server/operations/account_operations.h"
#include "server/operations/import/account_import.h"
#include "server/operations/organisation_operations.h"
#include "server/operations/policy_operations.h"
#include "server/operations/recovery_operations.h"
#include "server/operations/session_operations.h"

namespace gatehouse::server {
namespace {

// Gives operations, which are functions of what they depend on, to the bridge.
class Binder {
 public:
  Binder(CallBridge& bridge, const Dependencies& dependencies)
      : bridge_(bridge), dependencies_(dependencies) {}

  template <typename Request, typename Response>
  void On(Lane& lane, absl::StatusOr<Response> (*run)(const Dependencies&, const CallContext&,
                                                      const Request&)) {
    bridge_.Bind<Request, Response>(lane, [run, &dependencies = dependencies_](
                                              const CallContext& call, const Request& request) {
      return run(dependencies, call, request);
    });
  }

  template <typename Request, typename Response>
  void Async(void (*run)(const Dependencies&, const CallContext&, const Request&,
                         std::function<void(absl::StatusOr<Response>)>)) {
    bridge_.BindAsync<Request, Response>(
        [run, &dependencies = dependencies_](const CallContext& call, const Request& request,
                                             std::function<void(absl::StatusOr<Response>)> done) {
          run(dependencies, call, request, std::move(done));
        });
  }

  template <typename Operation, typename Request, typename Response>
  void Stream(Lane& lane) {
    bridge_.BindStream<Request, Response>(lane, [&dependencies = dependencies_] {
      return std::make_unique<Operation>(dependencies);
    });
  }

 private:
  CallBridge& bridge_;
  const Dependencies& dependencies_;
};

}  // namespace

void BindOperations(CallBridge& bridge, const Dependencies& dependencies, const Lanes& lanes) {
  Binder bind(bridge, dependencies);

  bind.On(lanes.sign_in, &CreateSession);
  bind.On(lanes.store, &SendSecondFactorCode);
  bind.On(lanes.store, &AnswerSecondFactor);
  bind.Async(&ValidateSession);
  bind.Async(&BatchValidateSessions);
  bind.On(lanes.store, &ListSessions);
  bind.On(lanes.store, &RevokeSession);
  bind.On(lanes.store, &RevokeAllSessions);
  bind.On(lanes.store, &RevokeEverything);

  bind.On(lanes.hashing, &CreateAccount);
  bind.On(lanes.store, &GetAccount);
  bind.On(lanes.store, &ListAccounts);
  bind.On(lanes.store, &UpdateProfile);
  bind.On(lanes.hashing, &ChangePassword);
  bind.On(lanes.hashing, &SetAccountSecret);
  bind.On(lanes.hashing, &CompleteRequiredActions);
  bind.On(lanes.hashing, &ResecureAccount);
  bind.On(lanes.hashing, &ResetPassword);
  bind.On(lanes.store, &UnlockAccount);
  bind.On(lanes.store, &DisableAccount);
  bind.On(lanes.store, &EnableAccount);
  bind.On(lanes.store, &DeleteAccount);
  bind.On(lanes.store, &RestoreAccount);
  bind.On(lanes.store, &MarkLeaver);
  bind.On(lanes.store, &JoinOrganisation);
  bind.On(lanes.store, &GrantRole);
  bind.On(lanes.store, &WithdrawRole);
  bind.On(lanes.store, &StartIdentityVerification);
  bind.On(lanes.store, &AnswerIdentityVerification);
  bind.Stream<AccountImport, v1::ImportAccountsRequest, v1::ImportAccountsResponse>(lanes.hashing);
  bind.On(lanes.store, &CheckEligibility);
  bind.On(lanes.store, &BatchCheckEligibility);
  bind.On(lanes.hashing, &RegisterAuthenticationMethod);
  bind.On(lanes.store, &ConfirmAuthenticationMethod);
  bind.On(lanes.store, &ListAuthenticationMethods);
  bind.On(lanes.hashing, &RemoveAuthenticationMethod);
  bind.On(lanes.store, &ResetAuthenticationMethods);

  bind.On(lanes.store, &StartPasswordReset);
  bind.On(lanes.store, &SendPasswordResetCode);
  bind.On(lanes.store, &VerifyPasswordResetCode);
  bind.On(lanes.sign_in, &CompletePasswordReset);
  bind.On(lanes.store, &GetAccountTimeline);

  bind.On(lanes.store, &CreateOrganisation);
  bind.On(lanes.store, &GetOrganisation);
  bind.On(lanes.store, &ListOrganisations);
  bind.On(lanes.store, &UpdateOrganisation);
  bind.On(lanes.store, &PublishAcceptableUsePolicy);
  bind.On(lanes.store, &GetAcceptableUsePolicy);

  bind.On(lanes.store, &GetPolicy);
  bind.On(lanes.store, &ListPolicyRevisions);
  bind.On(lanes.analysis, &ValidatePolicy);
  bind.On(lanes.analysis, &DiffPolicies);
  bind.On(lanes.analysis, &ActivatePolicy);
  bind.On(lanes.analysis, &ExplainDecision);
  bind.On(lanes.analysis, &ReplayDecisions);

  bind.On(lanes.store, &ListAuditEvents);
}

}  // namespace gatehouse::server
