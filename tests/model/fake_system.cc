#include <functional>
#include <future>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

#include "server/delivery/code_gateway.h"
#include "server/operations/account_operations.h"
#include "server/operations/import/account_import.h"
#include "server/operations/organisation_operations.h"
#include "server/operations/recovery_operations.h"
#include "server/operations/session_operations.h"
#include "server/rpc/status_conversion.h"
#include "tests/harness/fatal.h"
#include "tests/model/system.h"
#include "tests/operations/mailbox.h"
#include "tests/operations/world.h"

namespace gatehouse::model {
namespace {

using google::protobuf::Message;

class FakeSystem final : public System {
 public:
  FakeSystem() {
    const storage::AccountId id = world_.AddOperator("op.root");
    TakeMethods(id);
    operator_ = {.account_id = id.value(),
                 .username = "op.root",
                 .password = server::kPassword,
                 .settled = true,
                 .aup = server::kFirstAup};
    BindAll();
  }

  const FirstOperator& first_operator() const override { return operator_; }

  grpc::Status Call(const std::string& token, const Message& request, Message& response) override {
    const auto method = methods_.find(request.GetDescriptor());
    if (method == methods_.end()) {
      harness::Fatal(absl::StrCat("nothing is bound to ", request.GetDescriptor()->name()));
    }
    const server::CallContext call = world_.ContextOf(token, request);
    const absl::Status status = method->second(call, request, response);
    return server::ToGrpcStatus(server::Classify(status, call.trace_id));
  }

  grpc::Status Import(const std::string& token,
                      const std::vector<v1::ImportAccountsRequest>& messages,
                      std::vector<v1::ImportAccountsResponse>& results) override {
    server::AccountImport import(world_.dependencies());
    std::vector<const v1::ImportAccountsRequest*> left;
    for (const auto& message : messages) left.push_back(&message);
    while (!left.empty()) {
      const server::CallContext call = world_.ContextOf(token, *left.front());
      const absl::StatusOr<size_t> taken = import.Step(call, left, results);
      if (!taken.ok()) {
        return server::ToGrpcStatus(server::Classify(taken.status(), call.trace_id));
      }
      left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(*taken));
    }
    return grpc::Status::OK;
  }

  std::vector<SentCode> TakeCodes(size_t) override {
    server::Mailbox mailbox;
    server::CodeGateway gateway(world_.dependencies().keys, mailbox);
    server::DeliverAll(world_, storage::OutboxChannel::kCodes, gateway);
    std::vector<SentCode> codes;
    for (const auto& message : mailbox.messages) {
      codes.push_back({.number = message.to().phone_number(),
                       .by = message.details().at("by"),
                       .text = message.details().at("code")});
    }
    return codes;
  }

  ClockKind clock() const override { return ClockKind::kStandsStill; }
  absl::Time Now() const override { return world_.dependencies().clock.Now(); }
  void Advance(absl::Duration step) override { world_.Advance(step); }

 private:
  // Whatever proves who the operator is, the model registers itself.
  void TakeMethods(const storage::AccountId& id) {
    const absl::Status taken = world_.accounts().Transact([&](storage::Transaction& transaction) {
      auto account = transaction.FindAccount(id);
      const auto methods = transaction.ListAuthenticationMethods(id);
      absl::Status status = account.status();
      status.Update(methods.status());
      for (size_t i = 0; status.ok() && i < methods->size(); ++i) {
        status = transaction.DeleteAuthenticationMethod(id, (*methods)[i].id);
      }
      if (!status.ok()) return status;
      account->authentication_methods = 0;
      return transaction.UpdateAccount(*account);
    });
    if (!taken.ok()) harness::Fatal(taken.ToString());
  }

  using Method = std::function<absl::Status(const server::CallContext&, const Message&, Message&)>;

  template <typename Request, typename Response>
  void Bind(server::World::Operation<Request, Response> operation) {
    methods_[Request::descriptor()] = [this, operation](const server::CallContext& call,
                                                        const Message& request, Message& response) {
      auto answer = operation(world_.dependencies(), call, static_cast<const Request&>(request));
      if (answer.ok()) static_cast<Response&>(response) = *std::move(answer);
      return answer.status();
    };
  }

  absl::Status ValidateSession(const server::CallContext& call, const Message& request,
                               Message& response) {
    using Answer = absl::StatusOr<v1::ValidateSessionResponse>;
    std::promise<Answer> promise;
    server::ValidateSession(world_.dependencies(), call,
                            static_cast<const v1::ValidateSessionRequest&>(request),
                            [&promise](Answer answer) { promise.set_value(std::move(answer)); });
    const Answer answer = promise.get_future().get();
    if (answer.ok()) static_cast<v1::ValidateSessionResponse&>(response) = *answer;
    return answer.status();
  }

  void BindAll() {
    Bind(&server::CreateSession);
    Bind(&server::SendSecondFactorCode);
    Bind(&server::AnswerSecondFactor);
    methods_[v1::ValidateSessionRequest::descriptor()] =
        [this](const server::CallContext& call, const Message& request, Message& response) {
          return ValidateSession(call, request, response);
        };
    Bind(&server::ListSessions);
    Bind(&server::RevokeSession);
    Bind(&server::RevokeAllSessions);
    Bind(&server::RevokeEverything);

    Bind(&server::CreateAccount);
    Bind(&server::GetAccount);
    Bind(&server::UpdateProfile);
    Bind(&server::ChangePassword);
    Bind(&server::SetAccountSecret);
    Bind(&server::CompleteRequiredActions);
    Bind(&server::ResecureAccount);
    Bind(&server::ResetPassword);
    Bind(&server::UnlockAccount);
    Bind(&server::DisableAccount);
    Bind(&server::EnableAccount);
    Bind(&server::DeleteAccount);
    Bind(&server::RestoreAccount);
    Bind(&server::MarkLeaver);
    Bind(&server::JoinOrganisation);
    Bind(&server::GrantRole);
    Bind(&server::WithdrawRole);
    Bind(&server::StartIdentityVerification);
    Bind(&server::AnswerIdentityVerification);
    Bind(&server::CheckEligibility);
    Bind(&server::GetAccountTimeline);
    Bind(&server::RegisterAuthenticationMethod);
    Bind(&server::ConfirmAuthenticationMethod);
    Bind(&server::ListAuthenticationMethods);
    Bind(&server::RemoveAuthenticationMethod);
    Bind(&server::ResetAuthenticationMethods);

    Bind(&server::StartPasswordReset);
    Bind(&server::SendPasswordResetCode);
    Bind(&server::VerifyPasswordResetCode);
    Bind(&server::CompletePasswordReset);

    Bind(&server::CreateOrganisation);
    Bind(&server::UpdateOrganisation);
    Bind(&server::PublishAcceptableUsePolicy);
  }

  server::World world_;
  FirstOperator operator_;
  std::map<const google::protobuf::Descriptor*, Method> methods_;
};

}  // namespace

std::unique_ptr<System> NewFakeSystem() { return std::make_unique<FakeSystem>(); }

}  // namespace gatehouse::model
