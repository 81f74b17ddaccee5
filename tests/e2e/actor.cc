#include "tests/e2e/actor.h"

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace gatehouse::e2e {
namespace {

// Each person's own, so that nobody is held up by what others guess.
std::string AddressOf(const std::string& username) {
  return absl::StrCat("192.0.2.", 1 + std::hash<std::string>()(username) % 254);
}

}  // namespace

Answer<v1::CreateSessionResponse> Actor::SignIn(const std::string& username,
                                                const std::string& password,
                                                const std::string& device) {
  v1::CreateSessionRequest request;
  request.set_username(username);
  request.set_password(password);
  request.mutable_client()->set_ip_address(AddressOf(username));
  request.mutable_client()->set_device_label(device);
  auto answer = Call(&v1::SessionService::Stub::CreateSession, request);
  if (answer.ok()) token_ = answer->session_token();
  return answer;
}

Answer<v1::ChangePasswordResponse> Actor::ChangePassword(const std::string& current,
                                                         const std::string& fresh) {
  v1::ChangePasswordRequest request;
  request.set_current_password(current);
  request.set_new_password(fresh);
  auto answer = Call(&v1::AccountService::Stub::ChangePassword, request);
  if (answer.ok()) token_ = answer->session_token();
  return answer;
}

Answer<v1::CompleteRequiredActionsResponse> Actor::Complete(const std::string& aup_version,
                                                            const v1::Profile& profile,
                                                            const std::string& secret) {
  v1::CompleteRequiredActionsRequest request;
  request.mutable_accept_aup()->set_version(aup_version);
  *request.mutable_profile() = profile;
  request.set_account_secret(secret);
  auto answer = Call(&v1::AccountService::Stub::CompleteRequiredActions, request);
  if (answer.ok() && !answer->session_token().empty()) token_ = answer->session_token();
  return answer;
}

Answer<v1::ConfirmAuthenticationMethodResponse> Actor::RegisterApp(const std::string& password) {
  using Accounts = v1::AccountService::Stub;
  v1::RegisterAuthenticationMethodRequest request;
  request.set_password(password);
  request.set_kind(v1::AUTHENTICATION_METHOD_KIND_TOTP);
  const auto registered = Call(&Accounts::RegisterAuthenticationMethod, request);
  if (!registered.ok()) {
    return {.status = registered.status, .response = {}, .refusal = registered.refusal};
  }
  app_.emplace(registered->otpauth_uri());
  v1::ConfirmAuthenticationMethodRequest confirm;
  confirm.set_method_id(registered->method().method_id());
  confirm.set_code(app_->CodeAt(absl::Now()));
  auto answer = Call(&Accounts::ConfirmAuthenticationMethod, confirm);
  if (answer.ok() && !answer->session_token().empty()) token_ = answer->session_token();
  return answer;
}

Answer<v1::AnswerSecondFactorResponse> Actor::Prove(const v1::SecondFactorChallenge& challenge,
                                                    v1::AuthenticationMethodKind kind,
                                                    const std::string& code) {
  v1::AnswerSecondFactorRequest request;
  request.set_challenge_id(challenge.challenge_id());
  for (const v1::AuthenticationMethod& method : challenge.methods()) {
    if (method.kind() == kind) request.set_method_id(method.method_id());
  }
  request.set_code(code);
  auto answer = Call(&v1::SessionService::Stub::AnswerSecondFactor, request);
  if (answer.ok()) token_ = answer->session_token();
  return answer;
}

Answer<v1::ValidateSessionResponse> Actor::Validate() const {
  v1::ValidateSessionRequest request;
  request.set_session_token(token_);
  return Call(&v1::SessionService::Stub::ValidateSession, request);
}

Answer<v1::GetAccountResponse> Actor::Own() const {
  return Call(&v1::AccountService::Stub::GetAccount, v1::GetAccountRequest());
}

v1::Profile ProfileOf(const std::string& given_name, const std::string& family_name) {
  v1::Profile profile;
  profile.set_given_name(given_name);
  profile.set_family_name(family_name);
  profile.set_display_name(absl::StrCat(given_name, " ", family_name));
  profile.set_contact_email(absl::StrCat(given_name, "@example.org"));
  return profile;
}

}  // namespace gatehouse::e2e
