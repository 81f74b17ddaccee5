// audit list.

#include <memory>
#include <set>

#include "absl/time/time.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/usernames.h"
#include "clients/cli/views/audit_view.h"
#include "gatehouse/v1/audit_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

struct AuditOptions {
  std::string organisation;
  std::string target;
  std::string actor;
  std::vector<std::string> actions;
  std::string outcome;
  std::string since;
  PageOptions page;
};

// False after a failure that was told.
bool Fill(const AuditOptions& options, v1::ListAuditEventsRequest& request,
          Invocation& invocation) {
  if (!options.organisation.empty()) {
    const auto organisation = invocation.FindOrganisation(options.organisation);
    if (!organisation.has_value()) return false;
    request.set_organisation_id(organisation->organisation_id());
  }
  if (!options.target.empty()) {
    const auto target = invocation.FindAccount(options.target);
    if (!target.has_value()) return false;
    request.set_target_account_id(target->account_id());
  }
  if (!options.actor.empty()) {
    const auto actor = invocation.FindAccount(options.actor);
    if (!actor.has_value()) return false;
    request.set_actor_account_id(actor->account_id());
  }
  absl::Duration since;
  if (!options.since.empty() && !absl::ParseDuration(options.since, &since)) {
    invocation.Fail(ExitCode::kUsage, "--since takes a span such as 90m or 24h");
    return false;
  }
  if (!options.since.empty())
    *request.mutable_start_time() = ToTimestamp(invocation.look().now - since);
  for (const std::string& action : options.actions)
    request.add_actions(ValueOf<v1::Action>(action));
  request.set_outcome(ValueOf<v1::AuditOutcome>(options.outcome));
  options.page.Fill(request);
  return true;
}

// Names for the ids of one page, as far as the reader may see them.
Usernames NamesIn(const v1::ListAuditEventsResponse& list, Invocation& invocation) {
  std::set<std::string> ids;
  for (const v1::AuditEvent& event : list.events()) {
    ids.insert({event.actor_account_id(), event.target_account_id()});
  }
  return FindUsernames(ids, invocation);
}

void List(const AuditOptions& options, Invocation& invocation) {
  v1::ListAuditEventsRequest request;
  if (!Fill(options, request, invocation)) return;
  const auto response = invocation.Call(&v1::AuditService::Stub::ListAuditEvents, request);
  if (!response.has_value()) return;
  const Usernames names = NamesIn(*response, invocation);
  invocation.Print(*response, RenderAuditEvents(*response, names, invocation.look()) +
                                  options.page.Next(*response));
}

}  // namespace

void AddAuditCommands(CLI::App& app, Invocation& invocation) {
  CLI::App* audit = app.add_subcommand("audit", "What was done, by whom, and what was refused");
  audit->require_subcommand(1);
  auto options = std::make_shared<AuditOptions>();
  CLI::App* list = audit->add_subcommand("list", "List events, the latest first");
  list->add_option("--organisation", options->organisation, kOrganisationHelp);
  list->add_option("--target", options->target, "Only what was done to this account");
  list->add_option("--actor", options->actor, "Only what this account did");
  list->add_option("--action", options->actions, "Only this action; can be repeated")
      ->check(CLI::IsMember(Words<v1::Action>()));
  AddWord<v1::AuditOutcome>(*list, "--outcome", options->outcome, "Only with this outcome");
  list->add_option("--since", options->since, "Only the last so much time, such as 24h");
  options->page.AddTo(*list);
  list->callback([options, &invocation] { List(*options, invocation); });
}

}  // namespace gatehouse::cli
