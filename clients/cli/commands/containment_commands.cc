// account resecure, reset-password, unlock: what an administrator does when somebody cannot get in,
// or somebody else may be in.

#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/terminal.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/resecure_view.h"
#include "clients/cli/views/session_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"
#include "gatehouse/v1/session_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

struct PasswordOptions {
  std::string file;
  bool keep = false;

  void AddTo(CLI::App& command) {
    command.add_option(
        "--temporary-password-file", file,
        "Take the temporary password from this file's first line, instead of generating it");
    command.add_flag("--no-password-change", keep,
                     "The person may keep the temporary password (not recommended)");
  }

  // False after a failure that was told.
  template <typename Request>
  bool Fill(Request& request, Invocation& invocation) const {
    request.set_require_password_change(!keep);
    if (file.empty()) return true;
    const auto password = ReadSecretFile(file);
    if (!invocation.Accept(password)) return false;
    request.set_temporary_password(*password);
    return true;
  }
};

struct ResecureOptions {
  std::string account;
  GroundsOptions grounds;
  PasswordOptions password;
  bool defer_password = false;
  bool reset_methods = false;
  bool dry_run = false;
};

ResecurePreview Preview(const v1::Account& account, const v1::ResecureAccountRequest& request,
                        Invocation& invocation) {
  ResecurePreview preview{.account = account,
                          .organisation = invocation.OrganisationName(account.organisation_id()),
                          .request = request,
                          .sessions = {},
                          .methods = {}};
  v1::ListSessionsRequest sessions;
  sessions.set_account_id(account.account_id());
  if (auto list = invocation.TryCall(&v1::SessionService::Stub::ListSessions, sessions)) {
    preview.sessions = *std::move(list);
  }
  v1::ListAuthenticationMethodsRequest methods;
  methods.set_account_id(account.account_id());
  if (auto list = invocation.TryCall(&Accounts::ListAuthenticationMethods, methods)) {
    preview.methods.assign(list->methods().begin(), list->methods().end());
  }
  return preview;
}

// Shows what will happen and has the username typed. Checked by the server first: nobody is asked
// to confirm what would be refused.
bool ConfirmResecure(const v1::Account& account, v1::ResecureAccountRequest request,
                     Invocation& invocation) {
  request.set_validate_only(true);
  if (!invocation.Call(&Accounts::ResecureAccount, request).has_value()) return false;
  if (invocation.settings().yes) return true;
  if (!InputIsTerminal()) {
    invocation.Fail(ExitCode::kUsage, "nobody is there to confirm: add --yes if you are sure");
    return false;
  }
  invocation.Say(RenderResecurePreview(Preview(account, request, invocation), invocation.look()));
  const auto typed = AskLine("Type the username to confirm: ");
  if (!invocation.Accept(typed)) return false;
  if (*typed == account.username()) return true;
  invocation.Fail(ExitCode::kNotConfirmed, "not confirmed; nothing was changed");
  return false;
}

void Resecure(ResecureOptions& options, Invocation& invocation) {
  if (!options.grounds.Complete(invocation)) return;
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  v1::ResecureAccountRequest request;
  request.set_account_id(account->account_id());
  request.set_reason(options.grounds.reason);
  *request.mutable_identity_check() = options.grounds.IdentityCheck();
  if (!options.password.Fill(request, invocation)) return;
  request.set_defer_temporary_password(options.defer_password);
  request.set_reset_authentication_methods(options.reset_methods);
  request.set_request_id(invocation.NextRequestId());
  if (!options.dry_run && !ConfirmResecure(*account, request, invocation)) return;
  // Without an etag: containment must not fail because somebody guesses at the password meanwhile.
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Accounts::ResecureAccount, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  invocation.Print(*response, options.dry_run
                                  ? absl::StrCat(Outcome("", true, look), "\n",
                                                 RenderResecurePreview(
                                                     Preview(*account, request, invocation), look))
                                  : RenderResecureReceipt(*response, look));
}

struct ResetOptions {
  std::string account;
  GroundsOptions grounds;
  PasswordOptions password;
  bool unlock = false;
  bool dry_run = false;
};

void ResetPassword(ResetOptions& options, Invocation& invocation) {
  if (!options.grounds.Complete(invocation)) return;
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  v1::ResetPasswordRequest request;
  request.set_account_id(account->account_id());
  request.set_reason(options.grounds.reason);
  *request.mutable_identity_check() = options.grounds.IdentityCheck();
  if (!options.password.Fill(request, invocation)) return;
  request.set_unlock(options.unlock);
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Accounts::ResetPassword, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  std::string text = absl::StrCat(Outcome("Password reset:", options.dry_run, look), " ",
                                  NameOf(response->account()), ".\n");
  if (response->has_revocation())
    absl::StrAppend(&text, "  ", RenderRevocation(response->revocation()));
  absl::StrAppend(
      &text, RenderTemporaryPassword(response->temporary_password(), response->replayed(), look));
  invocation.Print(*response, text);
}

struct UnlockOptions {
  std::string account;
  GroundsOptions grounds;
  bool dry_run = false;
};

void Unlock(UnlockOptions& options, Invocation& invocation) {
  if (!options.grounds.Complete(invocation)) return;
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  v1::UnlockAccountRequest request;
  request.set_account_id(account->account_id());
  request.set_reason(options.grounds.reason);
  *request.mutable_identity_check() = options.grounds.IdentityCheck();
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Accounts::UnlockAccount, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   absl::StrCat(Outcome("Unlocked:", options.dry_run, invocation.look()), " ",
                                NameOf(response->account()), "; the password is as it was.\n"));
}

}  // namespace

void AddContainmentCommands(CLI::App& account, Invocation& invocation) {
  auto resecured = std::make_shared<ResecureOptions>();
  CLI::App* resecure = account.add_subcommand(
      "resecure",
      "Make an account safe: password, policy acceptance and secret reset, all sessions ended");
  resecure->add_option("account", resecured->account, kAccountHelp)->required();
  resecured->grounds.AddTo(*resecure);
  resecured->password.AddTo(*resecure);
  resecure->add_flag("--defer-password", resecured->defer_password,
                     "Leave the account without a password until reset-password sets one");
  resecure->add_flag("--reset-authentication-methods", resecured->reset_methods,
                     "Clear the registered second factors too");
  AddDryRun(*resecure, resecured->dry_run);
  resecure->callback([resecured, &invocation] { Resecure(*resecured, invocation); });

  auto reset = std::make_shared<ResetOptions>();
  CLI::App* reset_password =
      account.add_subcommand("reset-password", "Set a temporary password and end all sessions");
  reset_password->add_option("account", reset->account, kAccountHelp)->required();
  reset->grounds.AddTo(*reset_password);
  reset->password.AddTo(*reset_password);
  reset_password->add_flag("--unlock", reset->unlock, "Unlock the account too");
  AddDryRun(*reset_password, reset->dry_run);
  reset_password->callback([reset, &invocation] { ResetPassword(*reset, invocation); });

  auto unlocked = std::make_shared<UnlockOptions>();
  CLI::App* unlock = account.add_subcommand("unlock", "Clear the lock that wrong passwords set");
  unlock->add_option("account", unlocked->account, kAccountHelp)->required();
  unlocked->grounds.AddTo(*unlock);
  AddDryRun(*unlock, unlocked->dry_run);
  unlock->callback([unlocked, &invocation] { Unlock(*unlocked, invocation); });
}

}  // namespace gatehouse::cli
