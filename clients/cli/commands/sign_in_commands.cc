// sign-in and sign-out: the kept token's beginning and end.

#include <unistd.h>

#include <climits>
#include <memory>

#include "absl/strings/str_cat.h"

#include "clients/cli/commands/code_prompt.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/terminal.h"
#include "clients/cli/views/account_view.h"
#include "clients/cli/views/session_view.h"
#include "clients/cli/views/words.h"
#include "gatehouse/v1/session_service.grpc.pb.h"

namespace gatehouse::cli {
namespace {

struct SignInOptions {
  std::string username;
  std::string password_file;
  std::string device;
  ScriptedProof proof;
};

std::string ThisMachine() {
  char name[HOST_NAME_MAX + 1] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? absl::StrCat("gatehousectl on ", name)
                                                  : "gatehousectl";
}

std::string RenderSignedIn(const std::string& username, const v1::Session& session,
                           const Look& look) {
  if (session.level() == v1::SESSION_LEVEL_FULL) {
    return absl::StrCat(look.Paint(Tone::kGood, "Signed in"), " as ", username, " until ",
                        look.Moment(session.expire_time()), ", or ", Span(session.idle_timeout()),
                        " without use.\n");
  }
  return absl::StrCat(look.Paint(Tone::kWarning, "Signed in, restricted"), ", as ", username,
                      ". First: ", ActionsInWords(session.required_actions()),
                      ".\n  -> gatehousectl account complete\n");
}

// By the code of one of the offered methods.
std::optional<v1::AnswerSecondFactorResponse> AnswerSecondFactor(
    const v1::SecondFactorChallenge& challenge, const ScriptedProof& proof,
    Invocation& invocation) {
  using Sessions = v1::SessionService::Stub;
  const auto method = ChooseMethod(challenge.methods(), proof, invocation);
  if (!method.has_value()) return std::nullopt;
  if (IsSent(*method)) {
    v1::SendSecondFactorCodeRequest send;
    send.set_challenge_id(challenge.challenge_id());
    send.set_method_id(method->method_id());
    send.set_request_id(invocation.NextRequestId());
    if (!invocation.Call(&Sessions::SendSecondFactorCode, send).has_value()) return std::nullopt;
  }
  const auto code = AskCode(*method, proof.code_file, invocation);
  if (!code.has_value()) return std::nullopt;
  v1::AnswerSecondFactorRequest request;
  request.set_challenge_id(challenge.challenge_id());
  request.set_method_id(method->method_id());
  request.set_code(*code);
  request.set_request_id(invocation.NextRequestId());
  return invocation.Call(&Sessions::AnswerSecondFactor, request);
}

void SignIn(const SignInOptions& options, Invocation& invocation) {
  const auto password = options.password_file.empty()
                            ? AskSecret(absl::StrCat("Password of ", options.username, ": "))
                            : ReadSecretFile(options.password_file);
  if (!invocation.Accept(password)) return;
  Connection* connection = invocation.Connect();
  if (connection == nullptr) return;
  connection->set_token("");  // whoever signs in is nobody yet, and the kept one may be over
  v1::CreateSessionRequest request;
  request.set_username(options.username);
  request.set_password(*password);
  request.mutable_client()->set_user_agent("gatehousectl");
  request.mutable_client()->set_device_label(options.device);
  auto response = invocation.Call(&v1::SessionService::Stub::CreateSession, request);
  if (!response.has_value()) return;
  if (response->has_second_factor()) {
    auto answer = AnswerSecondFactor(response->second_factor(), options.proof, invocation);
    if (!answer.has_value()) return;
    response->set_session_token(answer->session_token());
    *response->mutable_session() = answer->session();
  }
  if (!invocation.KeepToken(response->session_token())) return;
  // The token stays in its file: what is printed ends up in logs and on screens.
  invocation.Print(response->session(),
                   RenderSignedIn(options.username, response->session(), invocation.look()));
}

void SignOut(Invocation& invocation) {
  Connection* connection = invocation.Connect();
  if (connection == nullptr) return;
  if (connection->token().empty()) {
    invocation.Fail(ExitCode::kNotSignedIn, "not signed in");
    return;
  }
  v1::RevokeSessionRequest request;
  request.set_session_token(connection->token());
  request.set_request_id(invocation.NextRequestId());
  const auto response = invocation.Call(&v1::SessionService::Stub::RevokeSession, request);
  // A session that is over already is as good as one ended now; any other refusal leaves the token,
  // so that signing out can be tried again.
  if (!response.has_value() && invocation.exit_code() != ExitCode::kNotSignedIn) return;
  if (!invocation.ForgetToken() || !response.has_value()) return;
  invocation.Print(*response,
                   absl::StrCat("Signed out, ", Confirmation(response->revocation()), ".\n"));
}

}  // namespace

void AddSignInCommands(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<SignInOptions>();
  CLI::App* sign_in =
      app.add_subcommand("sign-in", "Sign in; the token is kept for the commands that follow");
  sign_in->add_option("username", options->username, "Who you are")->required();
  sign_in->add_option("--password-file", options->password_file,
                      "Take the password from this file's first line, instead of asking for it");
  sign_in->add_option("--code-file", options->proof.code_file,
                      "Take the second factor's code from this file's first line");
  sign_in->add_option("--method", options->proof.method_id,
                      "Which second factor, by the id that methods list tells");
  sign_in->add_option("--device", options->device, "What to call this session in lists")
      ->default_str(ThisMachine());
  options->device = ThisMachine();
  sign_in->callback([options, &invocation] { SignIn(*options, invocation); });

  CLI::App* sign_out = app.add_subcommand("sign-out", "End this session and forget its token");
  sign_out->callback([&invocation] { SignOut(invocation); });
}

}  // namespace gatehouse::cli
