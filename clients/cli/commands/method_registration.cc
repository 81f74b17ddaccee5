#include "clients/cli/commands/method_registration.h"

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/code_prompt.h"
#include "clients/cli/commands/secret_source.h"
#include "clients/cli/views/method_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

void ShowSecret(const std::string& otpauth_uri, Invocation& invocation) {
  if (otpauth_uri.empty()) return;
  if (OutputIsTerminal()) invocation.Say(RenderQrCode(otpauth_uri));
  invocation.Say(
      absl::StrCat("Scan it with your authenticator app, or open this in it; it is shown "
                   "once:\n  ",
                   Printable(otpauth_uri), "\n"));
}

}  // namespace

std::optional<v1::ConfirmAuthenticationMethodResponse> ConfirmMethod(const std::string& method_id,
                                                                     const std::string& code,
                                                                     Invocation& invocation) {
  v1::ConfirmAuthenticationMethodRequest request;
  request.set_method_id(method_id);
  request.set_code(code);
  request.set_request_id(invocation.NextRequestId());
  auto response = invocation.Call(&Accounts::ConfirmAuthenticationMethod, request);
  if (!response.has_value()) return std::nullopt;
  if (!response->session_token().empty() && !invocation.KeepToken(response->session_token())) {
    return std::nullopt;
  }
  response->clear_session_token();
  return response;
}

std::optional<v1::RegisterAuthenticationMethodResponse> BeginRegistration(
    const MethodToRegister& wanted, Invocation& invocation) {
  const auto password = SecretFrom(wanted.password_file, "Password: ");
  if (!invocation.Accept(password)) return std::nullopt;
  v1::RegisterAuthenticationMethodRequest request;
  request.set_password(*password);
  request.set_kind(wanted.kind);
  request.set_phone_number(wanted.phone_number);
  request.set_label(wanted.label);
  request.set_request_id(invocation.NextRequestId());
  return invocation.Call(&Accounts::RegisterAuthenticationMethod, request);
}

std::optional<v1::ConfirmAuthenticationMethodResponse> RegisterMethod(
    const MethodToRegister& wanted, Invocation& invocation) {
  const auto registered = BeginRegistration(wanted, invocation);
  if (!registered.has_value()) return std::nullopt;
  ShowSecret(registered->otpauth_uri(), invocation);
  const std::string& id = registered->method().method_id();
  const auto code = AskCode(registered->method(), "", invocation);
  if (!code.has_value()) return std::nullopt;
  if (code->empty()) {
    invocation.Say(
        absl::StrCat("Not in use yet: ", ConfirmCommand(registered->method()), " soon.\n"));
    return std::nullopt;
  }
  return ConfirmMethod(id, *code, invocation);
}

}  // namespace gatehouse::cli
