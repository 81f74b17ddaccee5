#include "clients/cli/views/life_cycle_view.h"

#include "absl/strings/str_cat.h"

#include "clients/cli/views/account_view.h"
#include "clients/cli/views/session_view.h"

namespace gatehouse::cli {

std::string RenderChangedAccount(const std::string& done, const v1::Account& account,
                                 const v1::Revocation* revocation) {
  std::string text = absl::StrCat(done, " ", NameOf(account), ".\n");
  if (revocation != nullptr) absl::StrAppend(&text, "  ", RenderRevocation(*revocation));
  return text;
}

std::optional<google::protobuf::Timestamp> EndOfHold(
    const v1::CheckEligibilityResponse& eligibility) {
  for (const v1::Eligibility& result : eligibility.results()) {
    for (const v1::Violation& violation : result.decision().violations()) {
      if (violation.reason() != v1::ERROR_REASON_ORGANISATION_HOLD) continue;
      for (const v1::Mend& mend : violation.mends()) {
        if (mend.has_satisfied_time()) return mend.satisfied_time();
      }
    }
  }
  return std::nullopt;
}

std::string RenderHold(const google::protobuf::Timestamp& end, const Look& look) {
  return absl::StrCat("  From ", look.Moment(end),
                      " the person can reset their own password; until then, you can.\n");
}

}  // namespace gatehouse::cli
