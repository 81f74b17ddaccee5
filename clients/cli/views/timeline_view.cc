#include "clients/cli/views/timeline_view.h"

#include "absl/strings/str_cat.h"

#include "clients/cli/views/account_view.h"
#include "clients/cli/views/refusal.h"
#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {
namespace {

Tone ToneOf(v1::TimelineEventKind kind) {
  switch (kind) {
    case v1::TIMELINE_EVENT_KIND_SIGN_IN:
      return Tone::kGood;
    case v1::TIMELINE_EVENT_KIND_SIGN_IN_REFUSED:
    case v1::TIMELINE_EVENT_KIND_REFUSAL:
      return Tone::kWarning;
    default:
      return Tone::kPlain;
  }
}

std::string Now(const v1::GetAccountTimelineResponse& response, const Look& look) {
  const v1::Account& account = response.account();
  const std::string state = Constant(account.state());
  if (!response.sign_in().allowed()) {
    return absl::StrCat("Now ", look.Paint(Tone::kBad, state), ": a sign-in is refused.\n",
                        RenderViolations(response.sign_in(), account.username(), look));
  }
  std::string text =
      absl::StrCat("Now ", look.Paint(Tone::kGood, state), ": the right password gives a session");
  if (!account.required_actions().empty()) {
    absl::StrAppend(&text, ", and first asks to ", ActionsInWords(account.required_actions()));
  }
  return absl::StrCat(text, ".\n");
}

}  // namespace

std::string RenderTimeline(const v1::GetAccountTimelineResponse& response, const Look& look) {
  Table table;
  const auto& entries = response.entries();
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    table.AddRow({look.Moment(entry->time()),
                  Cell(Printable(entry->message()), ToneOf(entry->kind())),
                  Printable(entry->ip_address())});
  }
  const std::string list = entries.empty() ? "Nothing is on record.\n" : table.Render(look);
  return absl::StrCat(list, Now(response, look));
}

}  // namespace gatehouse::cli
