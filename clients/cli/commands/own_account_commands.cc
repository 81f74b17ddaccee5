// account change-password, set-secret: one's own.

#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/secret_source.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/session_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

struct PasswordFiles {
  std::string current;
  std::string fresh;
};

void ChangePassword(const PasswordFiles& files, Invocation& invocation) {
  const auto current = SecretFrom(files.current, "Current password: ");
  if (!invocation.Accept(current)) return;
  const auto fresh = NewSecretFrom(files.fresh, "New password: ");
  if (!invocation.Accept(fresh)) return;
  v1::ChangePasswordRequest request;
  request.set_current_password(*current);
  request.set_new_password(*fresh);
  request.set_request_id(invocation.NextRequestId());
  auto response = invocation.Call(&Accounts::ChangePassword, request);
  if (!response.has_value() || !invocation.KeepToken(response->session_token())) return;
  response->clear_session_token();
  std::string text = absl::StrCat(invocation.look().Paint(Tone::kGood, "Password changed"), ": ",
                                  EffectsInWords(response->effects()), ".\n",
                                  RenderRevocation(response->revocation()));
  if (!response->session().required_actions().empty()) {
    absl::StrAppend(&text, "Still to do: ", ActionsInWords(response->session().required_actions()),
                    ".\n  -> gatehousectl account complete\n");
  }
  invocation.Print(*response, text);
}

struct SecretFiles {
  std::string password;
  std::string secret;
};

void SetSecret(const SecretFiles& files, Invocation& invocation) {
  const auto password = SecretFrom(files.password, "Password: ");
  if (!invocation.Accept(password)) return;
  const auto secret = NewSecretFrom(files.secret, "New account secret (letters only, 9 or more): ");
  if (!invocation.Accept(secret)) return;
  v1::SetAccountSecretRequest request;
  request.set_password(*password);
  request.set_account_secret(*secret);
  request.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&Accounts::SetAccountSecret, request);
  if (!response.has_value()) return;
  invocation.Print(
      *response, absl::StrCat(invocation.look().Paint(Tone::kGood, "Account secret set"),
                              ". A helpdesk asks for three letters of it, never for the word.\n"));
}

}  // namespace

void AddOwnAccountCommands(CLI::App& account, Invocation& invocation) {
  auto passwords = std::make_shared<PasswordFiles>();
  CLI::App* change =
      account.add_subcommand("change-password", "Replace your password; other sessions end");
  change->add_option("--password-file", passwords->current,
                     "The current one, from this file's first line");
  change->add_option("--new-password-file", passwords->fresh,
                     "The new one, from this file's first line");
  change->callback([passwords, &invocation] { ChangePassword(*passwords, invocation); });

  auto secrets = std::make_shared<SecretFiles>();
  CLI::App* set_secret =
      account.add_subcommand("set-secret", "Set the word that helpdesks recognise you by");
  set_secret->add_option("--password-file", secrets->password,
                         "Your password, from this file's first line");
  set_secret->add_option("--secret-file", secrets->secret, "The word, from this file's first line");
  set_secret->callback([secrets, &invocation] { SetSecret(*secrets, invocation); });
}

}  // namespace gatehouse::cli
