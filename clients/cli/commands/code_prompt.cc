#include "clients/cli/commands/code_prompt.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "clients/cli/commands/secret_source.h"
#include "clients/cli/views/method_view.h"

namespace gatehouse::cli {
namespace {

// By what a script is taken to answer: an app makes codes on and on, printed ones run out, and what
// is sent is for people.
int RankForScripts(const v1::AuthenticationMethod& method) {
  if (IsSent(method)) return 2;
  return method.kind() == v1::AUTHENTICATION_METHOD_KIND_TOTP ? 0 : 1;
}

}  // namespace

std::optional<v1::AuthenticationMethod> ChooseMethod(
    const google::protobuf::RepeatedPtrField<v1::AuthenticationMethod>& methods,
    const ScriptedProof& scripted, Invocation& invocation) {
  if (methods.empty()) {
    invocation.Fail(ExitCode::kFault, "a second factor is asked for, and none is offered");
    return std::nullopt;
  }
  if (!scripted.method_id.empty()) {
    const auto wanted =
        std::ranges::find(methods, scripted.method_id, &v1::AuthenticationMethod::method_id);
    if (wanted != methods.end()) return *wanted;
    invocation.Fail(ExitCode::kUsage, absl::StrCat("it is not among those offered: method ",
                                                   Printable(scripted.method_id)));
    return std::nullopt;
  }
  if (methods.size() == 1) return methods[0];
  if (!scripted.code_file.empty() || !InputIsTerminal()) {
    return *std::ranges::min_element(methods, {}, RankForScripts);
  }
  invocation.Say(RenderChoice(methods));
  const auto answer = AskLine(absl::StrCat("By which? [1 to ", methods.size(), "] "));
  if (!invocation.Accept(answer)) return std::nullopt;
  int number = 1;
  const bool is_number = answer->empty() || absl::SimpleAtoi(*answer, &number);
  if (!is_number || number < 1 || number > methods.size()) {
    invocation.Fail(ExitCode::kUsage, absl::StrCat("there is no method ", Printable(*answer)));
    return std::nullopt;
  }
  return methods[number - 1];
}

bool IsSent(const v1::AuthenticationMethod& method) {
  return method.kind() == v1::AUTHENTICATION_METHOD_KIND_SMS ||
         method.kind() == v1::AUTHENTICATION_METHOD_KIND_VOICE;
}

std::optional<std::string> AskCode(const v1::AuthenticationMethod& method,
                                   const std::string& code_file, Invocation& invocation) {
  auto code = SecretFrom(code_file, absl::StrCat("Code (", MethodInWords(method), "): "));
  if (!invocation.Accept(code)) return std::nullopt;
  return *std::move(code);
}

}  // namespace gatehouse::cli
