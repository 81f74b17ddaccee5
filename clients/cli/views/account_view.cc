#include "clients/cli/views/account_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "clients/cli/views/table.h"
#include "clients/cli/views/words.h"
#include "gatehouse/v1/password_reset_effect.pb.h"

namespace gatehouse::cli {
namespace {

Tone ToneOf(v1::AccountState state) {
  switch (state) {
    case v1::ACCOUNT_STATE_ACTIVE:
      return Tone::kGood;
    case v1::ACCOUNT_STATE_PENDING:
    case v1::ACCOUNT_STATE_INACTIVE:
    case v1::ACCOUNT_STATE_LEAVER:
      return Tone::kWarning;
    default:
      return Tone::kBad;
  }
}

std::string RolesInWords(const v1::Account& account) {
  std::vector<std::string> words;
  for (const v1::RoleGrant& grant : account.roles()) words.push_back(Word(grant.role()));
  return absl::StrJoin(words, ", ");
}

std::string InWords(v1::RequiredAction action) {
  switch (action) {
    case v1::REQUIRED_ACTION_CHANGE_PASSWORD:
      return "change the password";
    case v1::REQUIRED_ACTION_ACCEPT_AUP:
      return "accept the acceptable use policy";
    case v1::REQUIRED_ACTION_UPDATE_PROFILE:
      return "confirm the profile";
    case v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET:
      return "set an account secret";
    case v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD:
      return "register an authentication method";
    default:
      return Word(action);
  }
}

}  // namespace

std::string NameOf(const v1::Account& account) {
  return Printable(absl::StrCat(account.profile().display_name(), " (", account.username(), ")"));
}

std::string ActionsInWords(const google::protobuf::RepeatedField<int>& actions) {
  std::vector<std::string> words;
  for (const int action : actions)
    words.push_back(InWords(static_cast<v1::RequiredAction>(action)));
  return absl::StrJoin(words, ", ");
}

std::string RenderAccount(const v1::Account& account, const std::string& organisation,
                          const Look& look) {
  Table table({}, "  ");
  const auto row = [&table](const char* title, const std::string& text, Tone tone = Tone::kPlain) {
    if (!text.empty()) table.AddRow({{title, Tone::kFaint}, {text, tone}});
  };
  const v1::Profile& profile = account.profile();
  row("state", Word(account.state()), ToneOf(account.state()));
  row("organisation", organisation);
  row("joined", look.Moment(account.joined_time()));
  row("roles", RolesInWords(account));
  row("given name", profile.given_name());
  row("family name", profile.family_name());
  row("contact", profile.contact_email());
  row("phone", profile.phone_number());
  row("next sign-in", ActionsInWords(account.required_actions()));
  row("id", account.account_id());
  return absl::StrCat(look.Paint(Tone::kTitle, NameOf(account)), "\n", table.Render(look));
}

std::string RenderAccounts(const v1::ListAccountsResponse& list, const Look& look) {
  if (list.accounts().empty()) return "No account matches.\n";
  Table table({"USERNAME", "NAME", "STATE", "ROLES", "JOINED"});
  for (const v1::Account& account : list.accounts()) {
    table.AddRow({account.username(),
                  account.profile().display_name(),
                  {Word(account.state()), ToneOf(account.state())},
                  RolesInWords(account),
                  look.Moment(account.joined_time())});
  }
  return table.Render(look);
}

std::string EffectsInWords(const google::protobuf::RepeatedField<int>& effects) {
  std::vector<std::string> words;
  for (const int effect : effects) {
    switch (effect) {
      case v1::PASSWORD_RESET_EFFECT_PORTAL_PASSWORD:
        words.emplace_back("the portal and its mail want the new password");
        break;
      case v1::PASSWORD_RESET_EFFECT_WORKSTATION_PASSWORD:
        words.emplace_back("so does your workstation");
        break;
      case v1::PASSWORD_RESET_EFFECT_UNLOCKED:
        words.emplace_back("your account is unlocked");
        break;
      default:
        break;
    }
  }
  return absl::StrJoin(words, "; ");
}

}  // namespace gatehouse::cli
