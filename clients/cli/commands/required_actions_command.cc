// account complete: walks a person through their required actions, one question after the other,
// and saves them together, as the server wants them. Scripts answer by flags.

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "clients/cli/commands/command_options.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/method_registration.h"
#include "clients/cli/commands/secret_source.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/method_view.h"
#include "clients/cli/views/organisation_view.h"
#include "gatehouse/v1/account_service.grpc.pb.h"
#include "gatehouse/v1/organisation_service.grpc.pb.h"
#include "gatehouse/v1/session_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

using Accounts = v1::AccountService::Stub;

struct CompleteOptions {
  std::string password_file;
  std::string new_password_file;
  std::string aup_version;
  bool keep_profile = false;
  ProfileOptions profile;
  std::string secret_file;
};

bool IsPending(const v1::Session& session, v1::RequiredAction action) {
  return std::ranges::count(session.required_actions(), static_cast<int>(action)) > 0;
}

std::optional<v1::Session> OwnSession(Invocation& invocation) {
  Connection* connection = invocation.Connect();
  if (connection == nullptr) return std::nullopt;
  v1::ValidateSessionRequest request;
  request.set_session_token(connection->token());
  auto response = invocation.Call(&v1::SessionService::Stub::ValidateSession, request);
  if (!response.has_value()) return std::nullopt;
  return std::move(*response->mutable_session());
}

// The session after the new password; nothing after a failure that was told.
std::optional<v1::Session> ChangePassword(const CompleteOptions& options, Invocation& invocation) {
  invocation.Say("Choose a new password: 10 characters or more, without your name in it.\n");
  const auto current = SecretFrom(options.password_file, "Current password: ");
  if (!invocation.Accept(current)) return std::nullopt;
  const auto fresh = NewSecretFrom(options.new_password_file, "New password: ");
  if (!invocation.Accept(fresh)) return std::nullopt;
  v1::ChangePasswordRequest request;
  request.set_current_password(*current);
  request.set_new_password(*fresh);
  request.set_request_id(invocation.NextRequestId());
  auto response = invocation.Call(&Accounts::ChangePassword, request);
  if (!response.has_value() || !invocation.KeepToken(response->session_token()))
    return std::nullopt;
  invocation.Say(absl::StrCat("Password changed: ", EffectsInWords(response->effects()), ".\n"));
  return std::move(*response->mutable_session());
}

// Whether the policy was accepted, by the flag or by the person who was shown where it stands.
bool AcceptPolicy(const CompleteOptions& options, v1::CompleteRequiredActionsRequest& request,
                  Invocation& invocation) {
  if (!options.aup_version.empty()) {
    request.mutable_accept_aup()->set_version(options.aup_version);
    return true;
  }
  const auto aup = invocation.Call(&v1::OrganisationService::Stub::GetAcceptableUsePolicy,
                                   v1::GetAcceptableUsePolicyRequest());
  if (!aup.has_value()) return false;
  const v1::AcceptableUsePolicy& policy = aup->acceptable_use_policy();
  invocation.Say(RenderPolicyDocument(policy, aup->current(), invocation.look()));
  const auto answer = AskLine("Have you read it, and do you accept it? [yes/no] ");
  if (!invocation.Accept(answer)) return false;
  if (absl::AsciiStrToLower(*answer) != "yes") {
    invocation.Fail(ExitCode::kNotConfirmed, "not accepted; nothing was saved");
    return false;
  }
  request.mutable_accept_aup()->set_version(policy.version());
  return true;
}

struct ProfileField {
  const char* question;
  std::string* (v1::Profile::*field)();
};

constexpr ProfileField kProfileFields[] = {
    {"Given name", &v1::Profile::mutable_given_name},
    {"Family name", &v1::Profile::mutable_family_name},
    {"Display name", &v1::Profile::mutable_display_name},
    {"Contact email", &v1::Profile::mutable_contact_email},
    {"Phone number", &v1::Profile::mutable_phone_number},
};

bool ConfirmProfile(const CompleteOptions& options, v1::CompleteRequiredActionsRequest& request,
                    Invocation& invocation) {
  const auto account = invocation.FindAccount("");
  if (!account.has_value()) return false;
  *request.mutable_profile() = account->profile();
  options.profile.ApplyTo(*request.mutable_profile());
  if (options.keep_profile) return true;
  invocation.Say("Your profile: Enter keeps what stands in brackets.\n");
  for (const ProfileField& field : kProfileFields) {
    std::string* value = (request.mutable_profile()->*field.field)();
    const auto answer = AskLine(absl::StrCat("  ", field.question, " [", Printable(*value), "]: "));
    if (!invocation.Accept(answer)) return false;
    if (!answer->empty()) *value = *answer;
  }
  return true;
}

bool ChooseSecret(const CompleteOptions& options, v1::CompleteRequiredActionsRequest& request,
                  Invocation& invocation) {
  invocation.Say(
      "Choose an account secret: a word of letters, 9 or more, that a helpdesk will recognise you "
      "by.\n");
  const auto secret = NewSecretFrom(options.secret_file, "Account secret: ");
  if (!invocation.Accept(secret)) return false;
  request.set_account_secret(*secret);
  return true;
}

bool Gather(const CompleteOptions& options, const v1::Session& session,
            v1::CompleteRequiredActionsRequest& request, Invocation& invocation) {
  using Step = bool (*)(const CompleteOptions&, v1::CompleteRequiredActionsRequest&, Invocation&);
  const std::pair<v1::RequiredAction, Step> steps[] = {
      {v1::REQUIRED_ACTION_ACCEPT_AUP, &AcceptPolicy},
      {v1::REQUIRED_ACTION_UPDATE_PROFILE, &ConfirmProfile},
      {v1::REQUIRED_ACTION_SET_ACCOUNT_SECRET, &ChooseSecret},
  };
  return std::ranges::all_of(steps, [&](const auto& step) {
    return !IsPending(session, step.first) || step.second(options, request, invocation);
  });
}

// Something that is completed at Save.
bool HasToSave(const v1::Session& session) {
  return std::ranges::any_of(session.required_actions(), [](int action) {
    return action != v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD;
  });
}

// Where the password is that opens the account by now.
const std::string& PasswordFileNow(const CompleteOptions& options) {
  return options.new_password_file.empty() ? options.password_file : options.new_password_file;
}

std::string RenderCompleted(const v1::Session& session, const Look& look) {
  if (session.level() == v1::SESSION_LEVEL_FULL) {
    return absl::StrCat(look.Paint(Tone::kGood, "All done"), ": you are signed in in full until ",
                        look.Moment(session.expire_time()), ".\n");
  }
  return absl::StrCat("Still to do: ", ActionsInWords(session.required_actions()), ".\n",
                      HasToSave(session) ? "" : "  -> gatehousectl methods register app\n");
}

void Complete(const CompleteOptions& options, Invocation& invocation) {
  std::optional<v1::Session> session = OwnSession(invocation);
  if (!session.has_value()) return;
  if (session->level() == v1::SESSION_LEVEL_FULL) {
    invocation.Print(*session, "Nothing is left to do.\n");
    return;
  }
  if (IsPending(*session, v1::REQUIRED_ACTION_CHANGE_PASSWORD)) {
    session = ChangePassword(options, invocation);
    if (!session.has_value()) return;
  }
  v1::CompleteRequiredActionsRequest request;
  if (HasToSave(*session)) {
    if (!Gather(options, *session, request, invocation)) return;
    request.set_request_id(invocation.NextRequestId());
    auto response = invocation.Call(&Accounts::CompleteRequiredActions, request);
    if (!response.has_value() || !invocation.KeepToken(response->session_token())) return;
    session = std::move(*response->mutable_session());
  }
  std::string printed_codes;
  // A script cannot be shown what its first code depends on, and registers a method by itself.
  if (InputIsTerminal() &&
      IsPending(*session, v1::REQUIRED_ACTION_REGISTER_AUTHENTICATION_METHOD)) {
    invocation.Say(
        "Your role needs a second factor: an authenticator app. For a telephone instead, "
        "stop here and use gatehousectl methods register.\n");
    const auto confirmed = RegisterMethod({.password_file = PasswordFileNow(options)}, invocation);
    if (!confirmed.has_value()) return;
    session = confirmed->session();
    printed_codes = RenderPrintedCodes(confirmed->recovery_codes());
  }
  invocation.Print(*session,
                   absl::StrCat(RenderCompleted(*session, invocation.look()), printed_codes));
}

}  // namespace

void AddRequiredActionsCommand(CLI::App& account, Invocation& invocation) {
  auto options = std::make_shared<CompleteOptions>();
  CLI::App* complete = account.add_subcommand(
      "complete", "Do what is required of you after a sign-in, step by step");
  complete->add_option("--password-file", options->password_file,
                       "The current password, from a file");
  complete->add_option("--new-password-file", options->new_password_file,
                       "The new password, from a file");
  complete->add_option("--accept-aup", options->aup_version,
                       "Accept this version of the acceptable use policy, which you have read");
  complete->add_flag("--keep-profile", options->keep_profile,
                     "Confirm the profile as it is, apart from the fields named here");
  options->profile.AddTo(*complete);
  complete->add_option("--secret-file", options->secret_file, "The account secret, from a file");
  complete->callback([options, &invocation] { Complete(*options, invocation); });
}

}  // namespace gatehouse::cli
