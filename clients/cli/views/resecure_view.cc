#include "clients/cli/views/resecure_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "clients/cli/views/account_view.h"
#include "clients/cli/views/session_view.h"
#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"

namespace gatehouse::cli {
namespace {

constexpr int kMostDevicesNamed = 5;

std::string PasswordEffect(const v1::ResecureAccountRequest& request) {
  if (request.defer_temporary_password()) {
    return "the password is reset at once; none works until one is set by reset-password";
  }
  if (!request.temporary_password().empty()) {
    return "the password is reset at once to the temporary one that you gave";
  }
  return "the password is reset at once; a temporary one is shown here, once";
}

std::string SessionsEffect(const v1::ListSessionsResponse& list) {
  const int count = list.sessions_size();
  if (count == 0) return "no session is open; any that begins meanwhile ends too";
  std::vector<std::string> devices;
  for (int i = 0; i < std::min(count, kMostDevicesNamed); ++i)
    devices.push_back(DeviceOf(list.sessions(i)));
  if (count > kMostDevicesNamed)
    devices.push_back(absl::StrCat(count - kMostDevicesNamed, " more"));
  const std::string more = list.next_page_token().empty() ? "" : "more than ";
  return absl::StrCat(more, Count(count, "session"), count == 1 ? " ends" : " end",
                      " now: ", absl::StrJoin(devices, ", "));
}

std::string MethodsInWords(const std::vector<v1::AuthenticationMethod>& methods) {
  return absl::StrJoin(methods, ", ", [](std::string* out, const v1::AuthenticationMethod& method) {
    const std::string& name =
        method.masked_destination().empty() ? method.label() : method.masked_destination();
    out->append(name.empty() ? Word(method.kind()) : Printable(name));
  });
}

std::string StayingMethods(const std::vector<v1::AuthenticationMethod>& methods) {
  const auto count = static_cast<int64_t>(methods.size());
  return absl::StrCat(Count(count, "authentication method"),
                      count == 1 ? " stays: " : " stay: ", MethodsInWords(methods));
}

std::string InWords(v1::ResecureStepKind kind) {
  switch (kind) {
    case v1::RESECURE_STEP_KIND_PASSWORD_RESET:
      return "password reset";
    case v1::RESECURE_STEP_KIND_AUP_RESET:
      return "policy acceptance reset";
    case v1::RESECURE_STEP_KIND_ACCOUNT_SECRET_RESET:
      return "account secret reset";
    case v1::RESECURE_STEP_KIND_AUTHENTICATION_METHODS_RESET:
      return "authentication methods reset";
    default:
      return Word(kind);
  }
}

}  // namespace

std::string RenderResecurePreview(const ResecurePreview& preview, const Look& look) {
  const v1::Account& account = preview.account;
  std::string text = look.Paint(
      Tone::kTitle, Printable(absl::StrCat("Resecure ", account.profile().display_name(), " (",
                                           account.username(), ", ", preview.organisation, ")?")));
  const auto effect = [&text](const std::string& words) {
    absl::StrAppend(&text, "\n  - ", words);
  };
  effect(PasswordEffect(preview.request));
  effect("the acceptable use policy must be accepted again");
  effect("the account secret is reset");
  effect(SessionsEffect(preview.sessions));
  if (preview.request.reset_authentication_methods()) {
    effect("the authentication methods are cleared");
  } else if (!preview.methods.empty()) {
    const std::string warning = absl::StrCat(StayingMethods(preview.methods),
                                             ". Clear them with --reset-authentication-methods");
    absl::StrAppend(&text, "\n  ", look.Paint(Tone::kWarning, absl::StrCat("! ", warning)));
  }
  return absl::StrCat(text, "\n");
}

std::string RenderResecureReceipt(const v1::ResecureAccountResponse& response, const Look& look) {
  const v1::ResecureReceipt& receipt = response.receipt();
  const std::string when =
      receipt.steps().empty() ? "" : absl::StrCat(" at ", look.Moment(receipt.steps(0).time()));
  std::string text =
      absl::StrCat(look.Paint(Tone::kGood, absl::StrCat("Resecured", when, ".")), "   receipt ",
                   Short(receipt.resecure_id()), "   policy ", Short(receipt.policy_revision()),
                   "   audit ", receipt.audit_sequence(), "\n");
  Table steps({}, "  ");
  for (const v1::ResecureStep& step : receipt.steps()) {
    if (step.kind() == v1::RESECURE_STEP_KIND_SESSIONS_REVOKED) {
      steps.AddRow({SessionsEnded(receipt.revocation()), look.Clock(step.time()),
                    Confirmation(receipt.revocation())});
    } else {
      steps.AddRow({InWords(step.kind()), look.Clock(step.time())});
    }
  }
  absl::StrAppend(&text, steps.Render(look));
  const std::vector<v1::AuthenticationMethod> surviving(
      receipt.surviving_authentication_methods().begin(),
      receipt.surviving_authentication_methods().end());
  if (!surviving.empty()) {
    absl::StrAppend(&text, "  ",
                    look.Paint(Tone::kWarning, absl::StrCat("! ", StayingMethods(surviving))),
                    "\n");
  }
  absl::StrAppend(
      &text, RenderTemporaryPassword(response.temporary_password(), response.replayed(), look));
  if (!response.account().required_actions().empty()) {
    absl::StrAppend(&text,
                    "At the next sign-in: ", ActionsInWords(response.account().required_actions()),
                    ".\n");
  }
  return text;
}

std::string RenderTemporaryPassword(const std::string& password, bool replayed, const Look& look) {
  if (!password.empty()) {
    return absl::StrCat("Temporary password (shown once, works for 72 hours):   ",
                        look.Paint(Tone::kTitle, password), "\n");
  }
  if (!replayed) return "";
  return "This was done before, and its temporary password told then. If nobody saw it, "
         "gatehousectl account reset-password gives another.\n";
}

}  // namespace gatehouse::cli
