// recover: a forgotten password, from the username to a new one, without a session.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/code_prompt.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/secret_source.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/session_view.h"
#include "gatehouse/v1/recovery_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Recovery = v1::RecoveryService::Stub;

struct RecoverOptions {
  std::string username;
  std::string new_password_file;
};

// How many more methods have to be proven; nothing after a failure that was told.
std::optional<int> Prove(const std::string& reset_id, const v1::AuthenticationMethod& method,
                         Invocation& invocation) {
  if (IsSent(method)) {
    v1::SendPasswordResetCodeRequest send;
    send.set_reset_id(reset_id);
    send.set_method_id(method.method_id());
    send.set_request_id(invocation.NextRequestId());
    if (!invocation.Call(&Recovery::SendPasswordResetCode, send).has_value()) return std::nullopt;
  }
  const auto code = AskCode(method, "", invocation);
  if (!code.has_value()) return std::nullopt;
  v1::VerifyPasswordResetCodeRequest request;
  request.set_reset_id(reset_id);
  request.set_method_id(method.method_id());
  request.set_code(*code);
  request.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&Recovery::VerifyPasswordResetCode, request);
  if (!response.has_value()) return std::nullopt;
  return response->methods_remaining();
}

// One method after the other, none twice, until the server has enough.
bool ProveEnough(v1::StartPasswordResetResponse& reset, Invocation& invocation) {
  while (true) {
    const auto method = ChooseMethod(reset.methods(), {}, invocation);
    if (!method.has_value()) return false;
    const auto remaining = Prove(reset.reset_id(), *method, invocation);
    if (!remaining.has_value()) return false;
    if (*remaining == 0) return true;
    auto& methods = *reset.mutable_methods();
    for (int i = 0; i < methods.size(); ++i) {
      if (methods[i].method_id() != method->method_id()) continue;
      methods.erase(methods.begin() + i);
      break;
    }
    invocation.Say(absl::StrCat("Your role needs ", *remaining, " more.\n"));
  }
}

void Recover(const RecoverOptions& options, Invocation& invocation) {
  Connection* connection = invocation.Connect();
  if (connection == nullptr) return;
  connection->set_token("");  // no session has a part in it, and the kept one may be over
  v1::StartPasswordResetRequest request;
  request.set_username(options.username);
  request.mutable_client()->set_user_agent("gatehousectl");
  request.set_request_id(invocation.NextRequestId());
  auto reset = invocation.Call(&Recovery::StartPasswordReset, request);
  if (!reset.has_value() || !ProveEnough(*reset, invocation)) return;
  const auto password = NewSecretFrom(options.new_password_file, "New password: ");
  if (!invocation.Accept(password)) return;
  v1::CompletePasswordResetRequest complete;
  complete.set_reset_id(reset->reset_id());
  complete.set_new_password(*password);
  complete.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&Recovery::CompletePasswordReset, complete);
  if (!response.has_value()) return;
  invocation.Print(*response, absl::StrCat(invocation.look().Paint(Tone::kGood, "Password reset"),
                                           ": ", EffectsInWords(response->effects()), ".\n",
                                           RenderRevocation(response->revocation())));
}

}  // namespace

void AddRecoverCommand(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<RecoverOptions>();
  CLI::App* recover = app.add_subcommand(
      "recover", "Choose a new password, with codes by the methods that you registered");
  recover->add_option("username", options->username, "Who you are")->required();
  recover->add_option("--new-password-file", options->new_password_file,
                      "The new password, from this file's first line");
  recover->callback([options, &invocation] { Recover(*options, invocation); });
}

}  // namespace gatehouse::cli
