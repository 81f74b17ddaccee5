// methods list, register, confirm, codes, remove, reset: second factors, one's own but for the
// last.

#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/code_prompt.h"
#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/method_registration.h"
#include "clients/cli/commands/secret_source.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/method_view.h"
#include "clients/cli/views/session_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

struct ListOptions {
  std::string account;
  PageOptions page;
};

void List(const ListOptions& options, Invocation& invocation) {
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  v1::ListAuthenticationMethodsRequest request;
  request.set_account_id(account->account_id());
  options.page.Fill(request);
  const auto response = invocation.Call(&Accounts::ListAuthenticationMethods, request);
  if (!response.has_value()) return;
  invocation.Print(*response, absl::StrCat(RenderMethods(response->methods(), invocation.look()),
                                           options.page.Next(*response)));
}

void PrintConfirmed(const v1::ConfirmAuthenticationMethodResponse& confirmed,
                    Invocation& invocation) {
  invocation.Print(confirmed, absl::StrCat(invocation.look().Paint(Tone::kGood, "In use"), ": ",
                                           MethodInWords(confirmed.method()), ", ",
                                           RenderRevocation(confirmed.revocation()),
                                           RenderPrintedCodes(confirmed.recovery_codes())));
}

// A script reads what it needs for the first code, and confirms by that.
void RegisterForScript(const MethodToRegister& wanted, Invocation& invocation) {
  const auto registered = BeginRegistration(wanted, invocation);
  if (!registered.has_value()) return;
  std::string text =
      absl::StrCat("Registered, and not in use yet: ", MethodInWords(registered->method()), "\n");
  if (!registered->otpauth_uri().empty()) {
    absl::StrAppend(&text, "  ", Printable(registered->otpauth_uri()), "\n");
  }
  absl::StrAppend(&text, "  -> ", ConfirmCommand(registered->method()), "\n");
  invocation.Print(*registered, text);
}

void Register(const MethodToRegister& wanted, Invocation& invocation) {
  if (!InputIsTerminal()) return RegisterForScript(wanted, invocation);
  const auto confirmed = RegisterMethod(wanted, invocation);
  if (confirmed.has_value()) PrintConfirmed(*confirmed, invocation);
}

void Confirm(const ScriptedProof& proof, Invocation& invocation) {
  const auto code = SecretFrom(proof.code_file, "Code: ");
  if (!invocation.Accept(code)) return;
  const auto confirmed = ConfirmMethod(proof.method_id, *code, invocation);
  if (confirmed.has_value()) PrintConfirmed(*confirmed, invocation);
}

void RenewPrintedCodes(const std::string& password_file, Invocation& invocation) {
  const auto password = SecretFrom(password_file, "Password: ");
  if (!invocation.Accept(password)) return;
  v1::RegisterAuthenticationMethodRequest request;
  request.set_password(*password);
  request.set_kind(v1::AUTHENTICATION_METHOD_KIND_RECOVERY_CODE);
  request.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&Accounts::RegisterAuthenticationMethod, request);
  if (!response.has_value()) return;
  invocation.Print(*response, absl::StrCat(invocation.look().Paint(Tone::kGood, "Renewed"),
                                           ", those before open nothing any more, ",
                                           RenderRevocation(response->revocation()),
                                           RenderPrintedCodes(response->recovery_codes())));
}

struct RemoveOptions {
  std::string method_id;
  std::string password_file;
};

void Remove(const RemoveOptions& options, Invocation& invocation) {
  const auto password = SecretFrom(options.password_file, "Password: ");
  if (!invocation.Accept(password)) return;
  v1::RemoveAuthenticationMethodRequest request;
  request.set_method_id(options.method_id);
  request.set_password(*password);
  request.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&Accounts::RemoveAuthenticationMethod, request);
  if (!response.has_value()) return;
  invocation.Print(*response, absl::StrCat(invocation.look().Paint(Tone::kGood, "Removed"), ", ",
                                           RenderRevocation(response->revocation())));
}

struct ResetOptions {
  std::string account;
  GroundsOptions grounds;
  bool dry_run = false;
};

void Reset(ResetOptions& options, Invocation& invocation) {
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value() || !options.grounds.Complete(invocation)) return;
  v1::ResetAuthenticationMethodsRequest request;
  request.set_account_id(account->account_id());
  request.set_reason(options.grounds.reason);
  *request.mutable_identity_check() = options.grounds.IdentityCheck();
  request.set_etag(account->etag());
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Accounts::ResetAuthenticationMethods, request);
  if (!response.has_value()) return;
  std::string text = absl::StrCat(Outcome("Reset", options.dry_run, invocation.look()), " ",
                                  NameOf(response->account()));
  absl::StrAppend(
      &text, options.dry_run ? "\n" : absl::StrCat(", ", RenderRevocation(response->revocation())));
  invocation.Print(*response, text);
}

void AddRegister(CLI::App& methods, Invocation& invocation) {
  CLI::App* command = methods.add_subcommand(
      "register", "Add a second factor to your account; other sessions end with its first code");
  command->require_subcommand(1);
  const struct {
    const char* name;
    v1::AuthenticationMethodKind kind;
    const char* help;
  } kinds[] = {
      {"app", v1::AUTHENTICATION_METHOD_KIND_TOTP, "An authenticator app, by a QR code"},
      {"sms", v1::AUTHENTICATION_METHOD_KIND_SMS, "A telephone, by text messages"},
      {"voice", v1::AUTHENTICATION_METHOD_KIND_VOICE, "A telephone, by calls"},
  };
  for (const auto& [name, kind, help] : kinds) {
    auto wanted = std::make_shared<MethodToRegister>();
    wanted->kind = kind;
    CLI::App* one = command->add_subcommand(name, help);
    if (kind != v1::AUTHENTICATION_METHOD_KIND_TOTP) {
      one->add_option("number", wanted->phone_number, "As +441134960000")->required();
    }
    one->add_option("--label", wanted->label, "What to call it");
    one->add_option("--password-file", wanted->password_file,
                    "Your password, from this file's first line");
    one->callback([wanted, &invocation] { Register(*wanted, invocation); });
  }
}

}  // namespace

void AddMethodCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* methods = app.add_subcommand("methods", "Second factors: apps, telephones");
  methods->require_subcommand(1);

  auto list_options = std::make_shared<ListOptions>();
  CLI::App* list =
      methods->add_subcommand("list", "Those of an account, your own if none is named");
  list->add_option("account", list_options->account, kAccountHelp);
  list_options->page.AddTo(*list);
  list->callback([list_options, &invocation] { List(*list_options, invocation); });

  AddRegister(*methods, invocation);

  auto proof = std::make_shared<ScriptedProof>();
  CLI::App* confirm = methods->add_subcommand("confirm", "Confirm one by its first code");
  confirm->add_option("method", proof->method_id, "Its id, as list tells it")->required();
  confirm->add_option("--code-file", proof->code_file, "The code, from this file's first line");
  confirm->callback([proof, &invocation] { Confirm(*proof, invocation); });

  auto password_file = std::make_shared<std::string>();
  CLI::App* codes = methods->add_subcommand(
      "codes", "New codes to print, in place of those you have; other sessions end");
  codes->add_option("--password-file", *password_file,
                    "Your password, from this file's first line");
  codes->callback([password_file, &invocation] { RenewPrintedCodes(*password_file, invocation); });

  auto remove_options = std::make_shared<RemoveOptions>();
  CLI::App* remove =
      methods->add_subcommand("remove", "Remove one of your own; other sessions end");
  remove->add_option("method", remove_options->method_id, "Its id, as list tells it")->required();
  remove->add_option("--password-file", remove_options->password_file,
                     "Your password, from this file's first line");
  remove->callback([remove_options, &invocation] { Remove(*remove_options, invocation); });

  auto reset_options = std::make_shared<ResetOptions>();
  CLI::App* reset =
      methods->add_subcommand("reset", "Remove all of an account's, as its administrator");
  reset->add_option("account", reset_options->account, kAccountHelp)->required();
  reset_options->grounds.AddTo(*reset);
  AddDryRun(*reset, reset_options->dry_run);
  reset->callback([reset_options, &invocation] { Reset(*reset_options, invocation); });
}

}  // namespace gatehouse::cli
