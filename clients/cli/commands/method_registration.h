// Registering an authentication method at a terminal, from the password to the first code. Not
// thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_METHOD_REGISTRATION_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_METHOD_REGISTRATION_H_

#include <optional>
#include <string>

#include "clients/cli/invocation.h"
#include "gatehouse/v1/account_service.pb.h"

namespace gatehouse::cli {

struct MethodToRegister {
  v1::AuthenticationMethodKind kind = v1::AUTHENTICATION_METHOD_KIND_TOTP;
  std::string phone_number{};
  std::string label{};
  std::string password_file{};
};

// Up to where its first code is needed; nothing after a failure that was told.
std::optional<v1::RegisterAuthenticationMethodResponse> BeginRegistration(
    const MethodToRegister& wanted, Invocation& invocation);

// With a person at the terminal, who is shown the one and asked for the other. Nothing after a
// failure that was told, or when the person confirms it later. Keeps the token of the session that
// follows.
std::optional<v1::ConfirmAuthenticationMethodResponse> RegisterMethod(
    const MethodToRegister& wanted, Invocation& invocation);

// The same from the first code on.
std::optional<v1::ConfirmAuthenticationMethodResponse> ConfirmMethod(const std::string& method_id,
                                                                     const std::string& code,
                                                                     Invocation& invocation);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_METHOD_REGISTRATION_H_
