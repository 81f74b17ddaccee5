// session list, revoke, revoke-all, validate, token; emergency revoke-everything.

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/terminal.h"
#include "clients/cli/views/session_view.h"
#include "gatehouse/v1/session_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Sessions = v1::SessionService::Stub;

constexpr int kLargestPage = 1000;

// The account's id; empty for one's own; nothing after a failure that was told.
std::optional<std::string> AccountId(const std::string& name, Invocation& invocation) {
  if (name.empty()) return "";
  const auto account = invocation.FindAccount(name);
  if (!account.has_value()) return std::nullopt;
  return account->account_id();
}

struct ListOptions {
  std::string account;
  PageOptions page;
};

void List(const ListOptions& options, Invocation& invocation) {
  const auto account_id = AccountId(options.account, invocation);
  if (!account_id.has_value()) return;
  v1::ListSessionsRequest request;
  request.set_account_id(*account_id);
  options.page.Fill(request);
  const auto response = invocation.Call(&Sessions::ListSessions, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   RenderSessions(*response, invocation.look()) + options.page.Next(*response));
}

struct RevokeOptions {
  std::string session;
  std::string account;
};

// The one session whose id begins so, as lists show it.
std::optional<std::string> FullId(const std::string& prefix, const std::string& account_id,
                                  Invocation& invocation) {
  v1::ListSessionsRequest request;
  request.set_account_id(account_id);
  request.set_page_size(kLargestPage);
  const auto list = invocation.Call(&Sessions::ListSessions, request);
  if (!list.has_value()) return std::nullopt;
  std::vector<std::string> matches;
  for (const v1::Session& session : list->sessions()) {
    if (absl::StartsWith(session.session_id(), prefix)) matches.push_back(session.session_id());
  }
  if (matches.size() == 1) return matches.front();
  invocation.Fail(
      ExitCode::kUsage,
      absl::StrCat(Count(static_cast<int64_t>(matches.size()), "session"), " begin with ", prefix));
  return std::nullopt;
}

void Revoke(const RevokeOptions& options, Invocation& invocation) {
  const auto account_id = AccountId(options.account, invocation);
  if (!account_id.has_value()) return;
  const auto session_id = FullId(options.session, *account_id, invocation);
  if (!session_id.has_value()) return;
  v1::RevokeSessionRequest request;
  request.set_account_id(*account_id);
  request.set_session_id(*session_id);
  request.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&Sessions::RevokeSession, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   absl::StrCat("Session ended, ", Confirmation(response->revocation()), ".\n"));
}

struct RevokeAllOptions {
  std::string account;
  std::string reason;
  bool keep_current = false;
  bool dry_run = false;
};

void RevokeAll(const RevokeAllOptions& options, Invocation& invocation) {
  const auto account_id = AccountId(options.account, invocation);
  if (!account_id.has_value()) return;
  v1::RevokeAllSessionsRequest request;
  request.set_account_id(*account_id);
  request.set_keep_current(options.keep_current);
  request.set_reason(options.reason);
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Sessions::RevokeAllSessions, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   response->has_revocation()
                       ? RenderRevocation(response->revocation())
                       : Outcome("", options.dry_run, invocation.look()) + " all sessions end.\n");
}

void Validate(const std::string& token_file, Invocation& invocation) {
  Connection* connection = invocation.Connect();
  if (connection == nullptr) return;
  v1::ValidateSessionRequest request;
  request.set_session_token(connection->token());
  if (!token_file.empty()) {
    const auto token = ReadSecretFile(token_file);
    if (!invocation.Accept(token)) return;
    request.set_session_token(*token);
  }
  const auto response = invocation.Call(&Sessions::ValidateSession, request);
  if (!response.has_value()) return;
  invocation.Print(*response, RenderValidation(*response, invocation.look()));
}

void ShowToken(Invocation& invocation) {
  const Connection* connection = invocation.Connect();
  if (connection == nullptr) return;
  if (connection->token().empty()) {
    invocation.Fail(ExitCode::kNotSignedIn, "not signed in");
    return;
  }
  invocation.Write(connection->token() + "\n");
}

struct EmergencyOptions {
  std::string reason;
  bool dry_run = false;
};

constexpr char kConfirmation[] = "revoke everything";

bool ConfirmEmergency(Invocation& invocation) {
  if (invocation.settings().yes) return true;
  if (!InputIsTerminal()) {
    invocation.Fail(ExitCode::kUsage, "nobody is there to confirm: add --yes if you are sure");
    return false;
  }
  invocation.Say(
      "This ends every session of everybody, your own included. All have to sign in again.\n");
  const auto typed = AskLine(absl::StrCat("Type \"", kConfirmation, "\" to confirm: "));
  if (!invocation.Accept(typed)) return false;
  if (*typed == kConfirmation) return true;
  invocation.Fail(ExitCode::kNotConfirmed, "not confirmed; nothing was changed");
  return false;
}

void RevokeEverything(const EmergencyOptions& options, Invocation& invocation) {
  if (!options.dry_run && !ConfirmEmergency(invocation)) return;
  v1::RevokeEverythingRequest request;
  request.set_reason(options.reason);
  request.set_request_id(invocation.NextRequestId());
  request.set_validate_only(options.dry_run);
  const auto response = invocation.Call(&Sessions::RevokeEverything, request);
  if (!response.has_value()) return;
  const Look look = invocation.look();
  invocation.Print(
      *response, absl::StrCat(Outcome("Everything is revoked", options.dry_run, look),
                              response->has_revocation()
                                  ? absl::StrCat(", ", Confirmation(response->revocation()), ".\n")
                                  : " every session ends.\n"));
}

}  // namespace

void AddSessionCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* session = app.add_subcommand("session", "Who is signed in where");
  session->require_subcommand(1);

  auto listed = std::make_shared<ListOptions>();
  CLI::App* list =
      session->add_subcommand("list", "List an account's sessions, your own without a name");
  list->add_option("account", listed->account, kAccountHelp);
  listed->page.AddTo(*list);
  list->callback([listed, &invocation] { List(*listed, invocation); });

  auto revoked = std::make_shared<RevokeOptions>();
  CLI::App* revoke = session->add_subcommand("revoke", "End one session");
  revoke->add_option("session", revoked->session, "Its id as `session list` shows it")->required();
  revoke->add_option("--account", revoked->account, "Whose; your own if left out");
  revoke->callback([revoked, &invocation] { Revoke(*revoked, invocation); });

  auto all = std::make_shared<RevokeAllOptions>();
  CLI::App* revoke_all = session->add_subcommand("revoke-all", "End all sessions of an account");
  revoke_all->add_option("account", all->account, kAccountHelp);
  revoke_all->add_option("--reason", all->reason,
                         "Why, for the audit; needed for another's account");
  revoke_all->add_flag("--keep-current", all->keep_current, "All but this one");
  AddDryRun(*revoke_all, all->dry_run);
  revoke_all->callback([all, &invocation] { RevokeAll(*all, invocation); });

  auto token_file = std::make_shared<std::string>();
  CLI::App* validate = session->add_subcommand("validate", "Prove a session, your own by default");
  validate->add_option("--token-file", *token_file, "The token, from this file's first line");
  validate->callback([token_file, &invocation] { Validate(*token_file, invocation); });

  session
      ->add_subcommand("token", "Print the kept token, for another client's authorization header")
      ->callback([&invocation] { ShowToken(invocation); });
}

void AddEmergencyCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* emergency = app.add_subcommand("emergency", "For operators, when nothing less will do");
  emergency->require_subcommand(1);
  auto options = std::make_shared<EmergencyOptions>();
  CLI::App* everything =
      emergency->add_subcommand("revoke-everything", "End every session of everybody");
  everything->add_option("--reason", options->reason, "Why, for the audit")->required();
  AddDryRun(*everything, options->dry_run);
  everything->callback([options, &invocation] { RevokeEverything(*options, invocation); });
}

}  // namespace gatehouse::cli
