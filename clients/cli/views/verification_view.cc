#include "clients/cli/views/verification_view.h"

#include "absl/strings/str_cat.h"

#include "clients/cli/views/account_view.h"
#include "clients/cli/views/refusal.h"

namespace gatehouse::cli {
namespace {

std::string RenderUses(const v1::Account& account, const std::string& verification_id,
                       const google::protobuf::Timestamp& until, const Look& look) {
  std::string text = absl::StrCat("Good once, for you, until ", look.Moment(until), ":\n");
  for (const char* operation : {"reset-password", "unlock"}) {
    absl::StrAppend(&text, "  gatehousectl account ", operation, " ", account.username(),
                    " --verification ", verification_id, "\n");
  }
  return text;
}

}  // namespace

std::string RenderWhatToAsk(const v1::Account& account,
                            const v1::StartIdentityVerificationResponse& asked, const Look& look) {
  const std::string until = absl::StrCat("What is not answered by ",
                                         look.Moment(asked.expire_time()), " counts as wrong.\n");
  if (!asked.question().empty()) {
    return absl::StrCat(until, "Ask ", NameOf(account), ": ", Printable(asked.question()), "\n");
  }
  return absl::StrCat(until, "Ask ", NameOf(account), " for ",
                      Count(asked.positions_size(), "letter"),
                      " of the account secret, never for the word:\n");
}

std::string RenderVerification(const v1::Account& account, const std::string& verification_id,
                               const v1::AnswerIdentityVerificationResponse& answered,
                               const Look& look) {
  if (answered.outcome() == v1::VERIFICATION_OUTCOME_SUCCESS) {
    return absl::StrCat(look.Paint(Tone::kGood, "Recognised:"), " ", NameOf(account), ". ",
                        RenderUses(account, verification_id, answered.grant_expire_time(), look));
  }
  const bool compared = answered.outcome() == v1::VERIFICATION_OUTCOME_FAILED;
  return absl::StrCat(
      look.Paint(Tone::kBad, compared ? "Not recognised." : "Not compared."), " ",
      answered.has_closure()
          ? absl::StrCat("Nobody can be asked now:\n",
                         RenderViolations(answered.closure(), account.username(), look))
      : compared ? "Another try asks for the same.\n"
                 : "Verification is closed: too many answers were wrong.\n",
      "  -> recognise them by your organisation's own means, and attest it\n");
}

}  // namespace gatehouse::cli
