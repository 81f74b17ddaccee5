// account timeline.

#include <memory>
#include <string>

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/views/timeline_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

struct TimelineOptions {
  std::string account;
  PageOptions page;
};

void Show(const TimelineOptions& options, Invocation& invocation) {
  v1::GetAccountTimelineRequest request;
  if (!options.account.empty()) {
    const auto account = invocation.FindAccount(options.account);
    if (!account.has_value()) return;
    request.set_account_id(account->account_id());
  }
  options.page.Fill(request);
  const auto response = invocation.Call(&v1::AccountService::Stub::GetAccountTimeline, request);
  if (!response.has_value()) return;
  invocation.Print(*response,
                   options.page.Next(*response) + RenderTimeline(*response, invocation.look()));
}

}  // namespace

void AddTimelineCommand(CLI::App& account, Invocation& invocation) {
  auto options = std::make_shared<TimelineOptions>();
  CLI::App* timeline = account.add_subcommand(
      "timeline", "Why can't they get in? What happened to an account, your own without a name");
  timeline->add_option("account", options->account, kAccountHelp);
  options->page.AddTo(*timeline);
  timeline->callback([options, &invocation] { Show(*options, invocation); });
}

}  // namespace gatehouse::cli
