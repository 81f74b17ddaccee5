// Authentication methods as text for people, and what they are registered by: a QR code, codes to
// print. Pure functions, thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_METHOD_VIEW_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_METHOD_VIEW_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_ptr_field.h"

#include "clients/cli/views/look.h"
#include "gatehouse/v1/authentication_method.pb.h"

namespace gatehouse::cli {

// "text message to +44 7*** ***123", "authenticator app (my phone)".
std::string MethodInWords(const v1::AuthenticationMethod& method);

std::string RenderMethods(
    const google::protobuf::RepeatedPtrField<v1::AuthenticationMethod>& methods, const Look& look);

// The methods that would do, numbered from 1, for a person to choose from.
std::string RenderChoice(
    const google::protobuf::RepeatedPtrField<v1::AuthenticationMethod>& methods);

// Dark on light, whatever the terminal's colours, two rows of squares a line; empty for what is too
// long for a QR code.
std::string RenderQrCode(absl::string_view text);

// How it is confirmed later.
std::string ConfirmCommand(const v1::AuthenticationMethod& method);

// Told once: with what to do with them. Empty for none.
std::string RenderPrintedCodes(const google::protobuf::RepeatedPtrField<std::string>& codes);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_METHOD_VIEW_H_
