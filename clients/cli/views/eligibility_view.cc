#include "clients/cli/views/eligibility_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "clients/cli/views/refusal.h"
#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {
namespace {

std::string Reasons(const v1::Decision& decision) {
  std::vector<std::string> reasons;
  for (const v1::Violation& violation : decision.violations()) {
    reasons.push_back(Constant(violation.reason()));
  }
  return absl::StrJoin(reasons, ", ");
}

Cell Verdict(const v1::Decision& decision) {
  if (decision.allowed()) return {"yes", Tone::kGood};
  return decision.has_eligible_time() ? Cell("not yet", Tone::kWarning) : Cell("no", Tone::kBad);
}

}  // namespace

std::string RenderEligibility(const v1::CheckEligibilityResponse& response,
                              const std::string& username, const Look& look) {
  Table table({"OPERATION", "NOW", "FROM", "AGAINST IT"});
  std::string explanations;
  for (const v1::Eligibility& result : response.results()) {
    const v1::Decision& decision = result.decision();
    const std::string operation = Word(result.action());
    table.AddRow({operation, Verdict(decision),
                  decision.has_eligible_time() ? look.Moment(decision.eligible_time()) : "",
                  Reasons(decision)});
    // With many operations the table is the answer; asked about one, the reader wants to know why.
    if (!decision.allowed() && response.results_size() <= 3) {
      absl::StrAppend(&explanations, "\n", look.Paint(Tone::kTitle, operation), "\n",
                      RenderViolations(decision, username, look));
    }
  }
  return absl::StrCat(table.Render(look), explanations);
}

}  // namespace gatehouse::cli
