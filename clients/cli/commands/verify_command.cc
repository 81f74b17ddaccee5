// account verify: recognises a caller by letters of the account secret, or by a security question.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/terminal.h"
#include "clients/cli/views/verification_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

bool IsLetter(absl::string_view said) {
  return said.size() == 1 && absl::ascii_isalpha(static_cast<unsigned char>(said.front()));
}

bool IsSomething(absl::string_view said) { return !said.empty(); }

// What the caller says, unseen, without the blanks around it. A slip of the agent's is asked for
// again: it would count against the caller. nullopt after a failure that was told.
std::optional<std::string> AskUntil(absl::FunctionRef<bool(absl::string_view)> is_good,
                                    const std::string& question, Invocation& invocation) {
  while (true) {
    const auto said = AskSecret(question);
    if (!invocation.Accept(said)) return std::nullopt;
    const absl::string_view stripped = absl::StripAsciiWhitespace(*said);
    if (is_good(stripped)) return std::string(stripped);
  }
}

bool AskCaller(const v1::StartIdentityVerificationResponse& asked,
               v1::AnswerIdentityVerificationRequest& request, Invocation& invocation) {
  if (!asked.question().empty()) {
    auto answer = AskUntil(IsSomething, "  answer: ", invocation);
    if (answer.has_value()) request.set_answer(*std::move(answer));
    return answer.has_value();
  }
  for (const int place : asked.positions()) {
    auto letter = AskUntil(IsLetter, absl::StrCat("  letter ", place, ": "), invocation);
    if (!letter.has_value()) return false;
    request.add_letters(*std::move(letter));
  }
  return true;
}

void Verify(const std::string& name, Invocation& invocation) {
  const auto account = invocation.FindAccount(name);
  if (!account.has_value()) return;
  v1::StartIdentityVerificationRequest start;
  start.set_account_id(account->account_id());
  start.set_request_id(invocation.NextRequestId());
  const auto asked = invocation.Call(&Accounts::StartIdentityVerification, start);
  if (!asked.has_value()) return;
  invocation.Say(RenderWhatToAsk(*account, *asked, invocation.look()));

  v1::AnswerIdentityVerificationRequest request;
  request.set_verification_id(asked->verification_id());
  if (!AskCaller(*asked, request, invocation)) return;
  request.set_request_id(invocation.NextRequestId());
  const auto answered = invocation.Call(&Accounts::AnswerIdentityVerification, request);
  if (!answered.has_value()) return;
  if (answered->outcome() != v1::VERIFICATION_OUTCOME_SUCCESS) {
    invocation.set_exit_code(ExitCode::kRefused);
  }
  invocation.Print(*answered, RenderVerification(*account, asked->verification_id(), *answered,
                                                 invocation.look()));
}

}  // namespace

void AddVerifyCommand(CLI::App& account, Invocation& invocation) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = account.add_subcommand(
      "verify", "Recognise a caller by letters of the account secret, typed unseen");
  command->add_option("account", *name, kAccountHelp)->required();
  command->callback([name, &invocation] { Verify(*name, invocation); });
}

}  // namespace gatehouse::cli
