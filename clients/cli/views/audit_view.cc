#include "clients/cli/views/audit_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {
namespace {

std::string NameOf(const std::string& account_id, const Usernames& names) {
  if (account_id.empty()) return "-";
  const auto name = names.find(account_id);
  return name == names.end() ? Short(account_id) : name->second;
}

std::string Reasons(const v1::AuditEvent& event) {
  std::vector<std::string> reasons;
  for (const int reason : event.reasons()) {
    reasons.push_back(Constant(static_cast<v1::ErrorReason>(reason)));
  }
  return absl::StrJoin(reasons, ", ");
}

Cell Outcome(v1::AuditOutcome outcome) {
  return {Word(outcome), outcome == v1::AUDIT_OUTCOME_SUCCEEDED ? Tone::kGood : Tone::kBad};
}

std::string Details(const v1::AuditEvent& event) {
  // The map's own order changes from run to run.
  const std::map<std::string, std::string> details(event.details().begin(), event.details().end());
  return absl::StrJoin(details, ", ", absl::PairFormatter("="));
}

}  // namespace

std::string RenderAuditEvents(const v1::ListAuditEventsResponse& list, const Usernames& names,
                              const Look& look) {
  if (list.events().empty()) return "No event matches.\n";
  Table table({"NO", "TIME", "BY", "WHAT", "TO", "OUTCOME", "DETAILS"});
  for (const v1::AuditEvent& event : list.events()) {
    const std::string reasons = Reasons(event);
    const std::string details = Details(event);
    table.AddRow({absl::StrCat(event.sequence()), look.Moment(event.time()),
                  NameOf(event.actor_account_id(), names), Word(event.action()),
                  NameOf(event.target_account_id(), names), Outcome(event.outcome()),
                  absl::StrCat(reasons, reasons.empty() || details.empty() ? "" : "; ", details)});
  }
  return table.Render(look);
}

}  // namespace gatehouse::cli
