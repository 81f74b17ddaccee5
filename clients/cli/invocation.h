// One run of gatehousectl: settings, connection, kept token, output and exit code. Commands are
// written against it: Call() answers, or has told the reader why not and set the exit code, so that
// a command only has to return.
//
// Not thread-safe; one command after the other.

#ifndef GATEHOUSE_CLIENTS_CLI_INVOCATION_H_
#define GATEHOUSE_CLIENTS_CLI_INVOCATION_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"

#include "clients/cli/connection.h"
#include "clients/cli/credentials_file.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/settings.h"
#include "clients/cli/views/json.h"
#include "clients/cli/views/look.h"
#include "clients/cli/views/refusal.h"
#include "gatehouse/v1/account.pb.h"
#include "gatehouse/v1/organisation.pb.h"

namespace gatehouse::cli {

class Invocation {
 public:
  Invocation() = default;
  Invocation(const Invocation&) = delete;
  Invocation& operator=(const Invocation&) = delete;

  Settings& settings() { return settings_; }
  Look look() const;
  ExitCode exit_code() const { return exit_code_; }
  void set_exit_code(ExitCode code) { exit_code_ = code; }

  // What the command is about, for the advice in a refusal.
  void set_subject(const std::string& username) { subject_ = username; }

  // A generated stub's synchronous method.
  template <typename Stub, typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  // The id of the next change that the command asks for. Those of one run follow from the first, so
  // that a command given again under --request-id asks for the same.
  std::string NextRequestId();

  // One call, as the kept session. Nothing when it was refused. A change whose answer does not tell
  // whether it was done is asked for once more, as the same request.
  template <typename Stub, typename Request, typename Response>
  std::optional<Response> Call(Method<Stub, Request, Response> method, const Request& request) {
    if (Connect() == nullptr) return std::nullopt;
    Response response;
    grpc::Status status = CallQuietly(method, request, response);
    if (MayBeDone(status) && IsChange(request)) {
      SayAskedAgain(status);
      const grpc::Status again = CallQuietly(method, request, response);
      if (again.ok()) return response;
      if (!IsUnreachable(again)) status = again;
      Refuse(status);
      if (MayBeDone(status)) SayHowToRepeat();
      return std::nullopt;
    }
    if (status.ok()) return response;
    Refuse(status);
    return std::nullopt;
  }

  // The same for a question whose answer is only nice to have: a refusal is no failure of the
  // command.
  template <typename Stub, typename Request, typename Response>
  std::optional<Response> TryCall(Method<Stub, Request, Response> method, const Request& request) {
    if (Connect() == nullptr) return std::nullopt;
    Response response;
    if (!CallQuietly(method, request, response).ok()) return std::nullopt;
    return response;
  }

  // The connection, opened with the kept token at the first use; null after a failure that was
  // told.
  Connection* Connect();

  // Prints JSON where programs read, else the text.
  void Print(const google::protobuf::Message& message, const std::string& text);
  // Whether it had a form in JSON; told otherwise.
  bool PrintJson(const google::protobuf::Message& message, JsonForm form);
  void Write(const std::string& text);
  // Whether all that was written got out; told otherwise. For data that must be whole.
  bool Flush();
  // To the person at the terminal, apart from the output.
  void Say(const std::string& text);

  void Refuse(const grpc::Status& status);
  void Fail(ExitCode code, const std::string& sentence);
  // Tells a failed reading of files or answers; whether there was none.
  bool Accept(const absl::Status& status);
  template <typename T>
  bool Accept(const absl::StatusOr<T>& value) {
    return Accept(value.status());
  }

  // The account that the reader means by a username, or by "id:ACCOUNT_ID"; empty: their own.
  std::optional<v1::Account> FindAccount(const std::string& name);
  // By name, or by "id:ORGANISATION_ID"; empty: their own.
  std::optional<v1::Organisation> FindOrganisation(const std::string& name);
  // The organisation's name for a person to read; its id where the name cannot be had.
  std::string OrganisationName(const std::string& organisation_id);

  bool KeepToken(const std::string& token);
  bool ForgetToken();

 private:
  template <typename Stub, typename Request, typename Response>
  grpc::Status CallQuietly(Method<Stub, Request, Response> method, const Request& request,
                           Response& response) {
    grpc::ClientContext context;
    connection_->Prepare(context);
    Stub stub(connection_->channel());
    return (stub.*method)(&context, request, &response);
  }

  // Whether it is done once, however often it is asked for.
  static bool IsChange(const google::protobuf::Message& request);
  void SayAskedAgain(const grpc::Status& status);
  void SayHowToRepeat();

  CredentialsFile Credentials() const;

  Settings settings_;
  std::unique_ptr<Connection> connection_;
  std::string subject_;
  std::string request_id_;  // The first change's.
  int requests_named_ = 0;
  ExitCode exit_code_ = ExitCode::kOk;
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_INVOCATION_H_
