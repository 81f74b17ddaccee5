#include "clients/cli/views/mends.h"

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace gatehouse::cli {
namespace {

// Stands in a command for the account that the refusal is about. What the reader has to find out is
// in capitals, as in usage texts.
constexpr absl::string_view kAccount = "{account}";

struct Operation {
  absl::string_view rpc;
  absl::string_view does;
  absl::string_view command;  // after "gatehousectl "; empty: the person's own act
};

constexpr std::array kOperations = {
    Operation{"AnswerIdentityVerification", "recognises the caller by letters of the secret", ""},
    Operation{"AnswerSecondFactor", "answers with a second factor", ""},
    Operation{"ChangePassword", "changes the password", ""},
    Operation{"CompletePasswordReset", "resets the password by their own methods", ""},
    Operation{"CompleteRequiredActions", "completes the required actions at the next sign-in", ""},
    Operation{"CreateSession", "signs in", ""},
    Operation{"EnableAccount", "enables the account", "account enable {account}"},
    Operation{"GrantRole", "grants the role to another account",
              "account grant-role ANOTHER_USERNAME ROLE"},
    Operation{"JoinOrganisation", "takes the account into the new organisation",
              "account join {account}"},
    Operation{"MarkLeaver", "marks the person as a leaver", "account mark-leaver {account}"},
    Operation{"PublishAcceptableUsePolicy", "publishes the policy",
              "organisation publish-aup VERSION --uri URI --sha256 DIGEST"},
    Operation{"RegisterAuthenticationMethod", "registers an authentication method", ""},
    Operation{"RemoveAuthenticationMethod", "removes an authentication method", ""},
    Operation{"ResecureAccount", "resecures the account", "account resecure {account}"},
    Operation{"ResetPassword", "resets the password", "account reset-password {account}"},
    Operation{"RestoreAccount", "restores the account", "account restore {account}"},
    Operation{"SetAccountSecret", "sets an account secret", ""},
    Operation{"StartIdentityVerification", "recognises the caller by letters of the secret", ""},
    Operation{"UnlockAccount", "unlocks the account", "account unlock {account}"},
    Operation{"VerifyPasswordResetCode", "proves another method by its code", ""},
    Operation{"WithdrawRole", "withdraws the role", "account withdraw-role {account} ROLE"},
};

absl::string_view Who(v1::MendBy by) {
  switch (by) {
    case v1::MEND_BY_SELF:
      return "the person";
    case v1::MEND_BY_LOCAL_HELPDESK:
      return "the helpdesk or a local administrator";
    case v1::MEND_BY_LOCAL_ADMIN:
      return "a local administrator";
    case v1::MEND_BY_PRIMARY_LOCAL_ADMIN:
      return "a primary local administrator";
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
    const bool is_known = !username.empty() || !absl::StrContains(operation.command, kAccount);
    if (!operation.command.empty() && mend.by() != v1::MEND_BY_SELF && is_known) {
      words.command = absl::StrCat("gatehousectl ",
                                   absl::StrReplaceAll(operation.command, {{kAccount, username}}));
    }
    return words;
  }
  return {absl::StrCat(Who(mend.by()), ": ", Printable(mend.operation())), ""};
}

}  // namespace gatehouse::cli
