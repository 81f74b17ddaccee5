// account verify: recognises a caller by letters of the account secret, or by a security question.

#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/command_options.h"
#include "clients/cli/commands.h"
#include "clients/cli/request_id.h"
#include "clients/cli/terminal.h"
#include "clients/cli/verification_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

// What the caller says, unseen; false after a failure that was told.
bool AskCaller(const v1::StartIdentityVerificationResponse& asked,
               v1::AnswerIdentityVerificationRequest& request, Invocation& invocation) {
  if (!asked.question().empty()) {
    const auto answer = AskSecret("  answer: ");
    if (!invocation.Accept(answer)) return false;
    request.set_answer(*answer);
    return true;
  }
  for (const int place : asked.positions()) {
    const auto letter = AskSecret(absl::StrCat("  letter ", place, ": "));
    if (!invocation.Accept(letter)) return false;
    request.add_letters(*letter);
  }
  return true;
}

void Verify(const std::string& name, Invocation& invocation) {
  const auto account = invocation.FindAccount(name);
  if (!account.has_value()) return;
  v1::StartIdentityVerificationRequest start;
  start.set_account_id(account->account_id());
  start.set_request_id(NewRequestId());
  const auto asked = invocation.Call(&Accounts::StartIdentityVerification, start);
  if (!asked.has_value()) return;
  invocation.Say(RenderWhatToAsk(*account, *asked));

  v1::AnswerIdentityVerificationRequest request;
  request.set_verification_id(asked->verification_id());
  if (!AskCaller(*asked, request, invocation)) return;
  request.set_request_id(NewRequestId());
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
