// account eligibility: which operations are open on an account, and why not the others.

#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/views/eligibility_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

// What an administrator's console has buttons for.
constexpr v1::Action kOperations[] = {
    v1::ACTION_RESECURE_ACCOUNT, v1::ACTION_RESET_PASSWORD,     v1::ACTION_UNLOCK_ACCOUNT,
    v1::ACTION_UPDATE_PROFILE,   v1::ACTION_GRANT_ROLE,         v1::ACTION_WITHDRAW_ROLE,
    v1::ACTION_DISABLE_ACCOUNT,  v1::ACTION_ENABLE_ACCOUNT,     v1::ACTION_MARK_LEAVER,
    v1::ACTION_DELETE_ACCOUNT,   v1::ACTION_RESTORE_ACCOUNT,    v1::ACTION_LIST_SESSIONS,
    v1::ACTION_REVOKE_SESSION,   v1::ACTION_REVOKE_ALL_SESSIONS};

struct EligibilityOptions {
  std::string account;
  std::vector<std::string> actions;
  std::string at;
  std::vector<std::string> suppositions;
};

// False after a failure that was told.
bool Fill(const EligibilityOptions& options, v1::CheckEligibilityRequest& request,
          Invocation& invocation) {
  for (const std::string& action : options.actions)
    request.add_actions(ValueOf<v1::Action>(action));
  if (options.actions.empty())
    request.mutable_actions()->Add(std::begin(kOperations), std::end(kOperations));
  if (!options.at.empty()) {
    absl::Time at;
    std::string fault;
    if (!absl::ParseTime(absl::RFC3339_full, options.at, &at, &fault)) {
      invocation.Fail(ExitCode::kUsage,
                      absl::StrCat("--at takes an instant such as 2026-11-21T16:30:00Z: ", fault));
      return false;
    }
    *request.mutable_as_of_time() = ToTimestamp(at);
  }
  for (const std::string& supposition : options.suppositions) {
    const size_t sign = supposition.find('=');
    if (sign == std::string::npos) {
      invocation.Fail(ExitCode::kUsage, "--suppose takes FACT=VALUE, such as account.locked=false");
      return false;
    }
    v1::SupposedFact* fact = request.add_suppose();
    fact->set_name(supposition.substr(0, sign));
    fact->set_value(supposition.substr(sign + 1));
  }
  return true;
}

void Check(const EligibilityOptions& options, Invocation& invocation) {
  v1::CheckEligibilityRequest request;
  if (!Fill(options, request, invocation)) return;
  const auto account = invocation.FindAccount(options.account);
  if (!account.has_value()) return;
  request.set_account_id(account->account_id());
  const auto response = invocation.Call(&v1::AccountService::Stub::CheckEligibility, request);
  if (!response.has_value()) return;
  invocation.Print(*response, RenderEligibility(*response, account->username(), invocation.look()));
}

}  // namespace

void AddEligibilityCommand(CLI::App& account, Invocation& invocation) {
  auto options = std::make_shared<EligibilityOptions>();
  CLI::App* command = account.add_subcommand(
      "eligibility", "What can be done to an account now, and why not the rest");
  command->add_option("account", options->account, kAccountHelp)->required();
  command->add_option("--action", options->actions, "Only this one, explained; can be repeated")
      ->check(CLI::IsMember(Words<v1::Action>()));
  command->add_option("--at", options->at, "At this instant instead of now");
  command->add_option("--suppose", options->suppositions,
                      "FACT=VALUE instead of the real one; can be repeated");
  command->callback([options, &invocation] { Check(*options, invocation); });
}

}  // namespace gatehouse::cli
