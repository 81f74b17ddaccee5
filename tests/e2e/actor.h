// Somebody who calls the server over the wire: a channel, a token, and answers with their errors
// decoded. Every mutation gets a request id of its own unless it has one. Not thread-safe; one
// actor a thread.

#ifndef GATEHOUSE_TESTS_E2E_ACTOR_H_
#define GATEHOUSE_TESTS_E2E_ACTOR_H_

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

#include "clients/cli/request_id.h"
#include "clients/cli/views/refusal.h"
#include "gatehouse/v1/account_service.grpc.pb.h"
#include "gatehouse/v1/session_service.grpc.pb.h"
#include "tests/harness/authenticator.h"

namespace gatehouse::e2e {

template <typename Response>
struct Answer {
  grpc::Status status;
  Response response;
  cli::Refusal refusal;

  bool ok() const { return status.ok(); }
  const std::string& reason() const { return refusal.reason; }
  const Response* operator->() const { return &response; }
};

template <typename Response>
std::ostream& operator<<(std::ostream& out, const Answer<Response>& answer) {
  return out << (answer.ok() ? answer.response.ShortDebugString()
                             : absl::StrCat(answer.reason(), ": ", answer.status.error_message()));
}

class Actor {
 public:
  explicit Actor(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

  const std::string& token() const { return token_; }
  void set_token(std::string token) { token_ = std::move(token); }

  template <typename Stub, typename Request, typename Response>
  Answer<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        Request request) const {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id(cli::NewRequestId());
    }
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    if (!token_.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token_));
    Stub stub(channel_);
    Answer<Response> answer;
    answer.status = (stub.*method)(&context, request, &answer.response);
    answer.refusal = cli::DecodeRefusal(answer.status);
    return answer;
  }

  // Signs in; the token is kept when it worked.
  Answer<v1::CreateSessionResponse> SignIn(const std::string& username, const std::string& password,
                                           const std::string& device = "");
  // Replaces the password and goes on under the new token.
  Answer<v1::ChangePasswordResponse> ChangePassword(const std::string& current,
                                                    const std::string& fresh);
  // Everything at Save, as asked for; goes on under the new token.
  Answer<v1::CompleteRequiredActionsResponse> Complete(const std::string& aup_version,
                                                       const v1::Profile& profile,
                                                       const std::string& secret);
  // An authenticator app of their own, by its first code; goes on under the new token where that
  // was the last that was required.
  Answer<v1::ConfirmAuthenticationMethodResponse> RegisterApp(const std::string& password);
  const std::optional<harness::Authenticator>& app() const { return app_; }
  // The second half of a sign-in, by a code of one of the challenge's methods.
  Answer<v1::AnswerSecondFactorResponse> Prove(const v1::SecondFactorChallenge& challenge,
                                               v1::AuthenticationMethodKind kind,
                                               const std::string& code);
  // Whether the token is good now.
  Answer<v1::ValidateSessionResponse> Validate() const;
  Answer<v1::GetAccountResponse> Own() const;

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::string token_;
  std::optional<harness::Authenticator> app_;
};

// An attestation and a reason, as every administrative operation wants them.
template <typename Request>
Request Attested(const std::string& account_id, const std::string& reason) {
  Request request;
  request.set_account_id(account_id);
  request.set_reason(reason);
  auto* attestation = request.mutable_identity_check()->mutable_attestation();
  attestation->set_kind(v1::ATTESTATION_KIND_KNOWN_IN_PERSON);
  attestation->set_reference("desk 4");
  return request;
}

v1::Profile ProfileOf(const std::string& given_name, const std::string& family_name);

}  // namespace gatehouse::e2e

#endif  // GATEHOUSE_TESTS_E2E_ACTOR_H_
