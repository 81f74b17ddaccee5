// Proving a method at a terminal: which of those offered, and its code. Not thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_COMMANDS_CODE_PROMPT_H_
#define GATEHOUSE_CLIENTS_CLI_COMMANDS_CODE_PROMPT_H_

#include <optional>
#include <string>

#include "google/protobuf/repeated_ptr_field.h"

#include "clients/cli/invocation.h"
#include "gatehouse/v1/authentication_method.pb.h"

namespace gatehouse::cli {

// What a script says, so that nobody need be asked.
struct ScriptedProof {
  std::string method_id;  // empty: an app, else printed codes, else what is sent
  std::string code_file;
};

// Asks a person at a terminal where there are several; nothing after a failure that was told.
std::optional<v1::AuthenticationMethod> ChooseMethod(
    const google::protobuf::RepeatedPtrField<v1::AuthenticationMethod>& methods,
    const ScriptedProof& scripted, Invocation& invocation);

// Whether its codes have to be asked for.
bool IsSent(const v1::AuthenticationMethod& method);

// From the file, if one is named.
std::optional<std::string> AskCode(const v1::AuthenticationMethod& method,
                                   const std::string& code_file, Invocation& invocation);

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_COMMANDS_CODE_PROMPT_H_
