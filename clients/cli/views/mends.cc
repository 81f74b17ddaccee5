#include "clients/cli/views/mends.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace gatehouse::cli {
namespace {

struct Operation {
  absl::string_view rpc;
  absl::string_view does;
  absl::string_view
      command;  // After "gatehousectl ", before the username; empty: the person's own act.
};

constexpr std::array kOperations = {
    Operation{"AnswerIdentityVerification", "recognises the caller by letters of the secret", ""},
    Operation{"AnswerSecondFactor", "answers with a second factor", ""},
    Operation{"ChangePassword", "changes the password", "account change-password"},
    Operation{"CompletePasswordReset", "resets the password by their own methods", "recover"},
    Operation{"CompleteRequiredActions", "completes the required actions at the next sign-in", ""},
    Operation{"EnableAccount", "enables the account", "account enable"},
    Operation{"GrantRole", "grants the role", "account grant-role"},
    Operation{"JoinOrganisation", "takes the account into the new organisation", "account join"},
    Operation{"MarkLeaver", "marks the person as a leaver", "account mark-leaver"},
    Operation{"PublishAcceptableUsePolicy", "publishes the policy", "organisation publish-aup"},
    Operation{"RegisterAuthenticationMethod", "registers an authentication method",
              "methods register"},
    Operation{"RemoveAuthenticationMethod", "removes an authentication method", "methods remove"},
    Operation{"ResecureAccount", "resecures the account", "account resecure"},
    Operation{"ResetPassword", "resets the password", "account reset-password"},
    Operation{"RestoreAccount", "restores the account", "account restore"},
    Operation{"SetAccountSecret", "sets an account secret", "account set-secret"},
    Operation{"StartIdentityVerification", "recognises the caller by letters of the secret", ""},
    Operation{"UnlockAccount", "unlocks the account", "account unlock"},
    Operation{"VerifyPasswordResetCode", "proves another method by its code", ""},
    Operation{"WithdrawRole", "withdraws the role", "account withdraw-role"},
};

absl::string_view Who(v1::MendBy by) {
  switch (by) {
    case v1::MEND_BY_SELF:
      return "the person";
    case v1::MEND_BY_LOCAL_HELPDESK:
      return "the helpdesk or a local administrator";
    case v1::MEND_BY_LOCAL_ADMIN:
      return "a local administrator";
    case v1::MEND_BY_NATIONAL_ADMIN:
      return "a national administrator";
    case v1::MEND_BY_OPERATOR:
      return "an operator";
    default:
      return "somebody";
  }
}

}  // namespace

MendWords WordsOf(const v1::Mend& mend, const std::string& username, const Look& look) {
  if (mend.by() == v1::MEND_BY_TIME) {
    return {mend.has_satisfied_time()
                ? absl::StrCat("time does: from ", look.Moment(mend.satisfied_time()))
                : "time does",
            ""};
  }
  for (const Operation& operation : kOperations) {
    if (operation.rpc != mend.operation()) continue;
    MendWords words{absl::StrCat(Who(mend.by()), " ", operation.does), ""};
    const bool about_account = !username.empty() && mend.by() != v1::MEND_BY_SELF;
    if (!operation.command.empty() && about_account) {
      words.command = absl::StrCat("gatehousectl ", operation.command, " ", username);
    }
    return words;
  }
  return {absl::StrCat(Who(mend.by()), ": ", Printable(mend.operation())), ""};
}

}  // namespace gatehouse::cli
